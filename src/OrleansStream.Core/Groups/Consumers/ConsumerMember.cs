using System.Collections.Immutable;
using OrleansStream.Core.Groups.Classic;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Core.Groups.Consumers;

/// <summary>A member of a group of the consumer protocol. Immutable.</summary>
internal sealed record ConsumerMember(string MemberId)
{
    /// <summary>The epoch of a member that has left, or of one that is no member yet.</summary>
    public const int LeftEpoch = -1;

    /// <summary>The epoch of a static member that has left for a while.</summary>
    public const int AwayEpoch = -2;

    /// <summary>Null for a dynamic member.</summary>
    public string? InstanceId { get; init; }

    public string? RackId { get; init; }

    public string ClientId { get; init; } = string.Empty;

    public string ClientHost { get; init; } = string.Empty;

    public int RebalanceTimeoutMs { get; init; } = -1;

    /// <summary>The assignor that the member asks for, null for any.</summary>
    public string? ServerAssignor { get; init; }

    public ImmutableSortedSet<string> TopicNames { get; init; } = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    public string? TopicRegex { get; init; }

    /// <summary>For a member that follows the classic protocol, what it can do and how long it lives; else null.</summary>
    public ClassicTraits? Classic { get; init; }

    public int Epoch { get; init; }

    /// <summary>The epoch before, which the member may still believe in if an answer was lost.</summary>
    public int PreviousEpoch { get; init; }

    public ConsumerMemberState State { get; init; }

    public PartitionSet Assigned { get; init; } = PartitionSet.Empty;

    public PartitionSet PendingRevocation { get; init; } = PartitionSet.Empty;

    public bool IsReconciledTo(int epoch) => State == ConsumerMemberState.Stable && Epoch == epoch;

    public bool HasSameSubscription(ConsumerMember other) => TopicNames.SetEquals(other.TopicNames) && TopicRegex == other.TopicRegex;

    /// <summary>Whether the stored metadata is the same.</summary>
    public bool HasSameMetadata(ConsumerMember other)
        => InstanceId == other.InstanceId
            && RackId == other.RackId
            && ClientId == other.ClientId
            && ClientHost == other.ClientHost
            && RebalanceTimeoutMs == other.RebalanceTimeoutMs
            && ServerAssignor == other.ServerAssignor
            && HasSameSubscription(other)
            && (Classic is null ? other.Classic is null : Classic.Equals(other.Classic));

    public ConsumerMember AtEpoch(int epoch) => epoch == Epoch ? this : this with { Epoch = epoch, PreviousEpoch = Epoch };

    public ConsumerMember With(ConsumerGroupMemberMetadataValue value) => this with
    {
        InstanceId = value.InstanceId,
        RackId = value.RackId,
        ClientId = value.ClientId,
        ClientHost = value.ClientHost,
        RebalanceTimeoutMs = value.RebalanceTimeoutMs,
        ServerAssignor = value.ServerAssignor,
        TopicNames = value.SubscribedTopicNames.ToImmutableSortedSet(StringComparer.Ordinal),
        TopicRegex = value.SubscribedTopicRegex,
        Classic = value.ClassicMemberMetadata is { } classic
            ? new ClassicTraits(
                classic.SessionTimeoutMs,
                [.. classic.SupportedProtocols.Select(protocol => new MemberProtocol(protocol.Name, protocol.Metadata.ToArray()))])
            : null,
    };

    public ConsumerMember With(ConsumerGroupCurrentMemberAssignmentValue value) => this with
    {
        Epoch = value.MemberEpoch,
        PreviousEpoch = value.PreviousMemberEpoch,
        State = (ConsumerMemberState)value.State,
        Assigned = ConsumerRecords.Read(value.AssignedPartitions),
        PendingRevocation = ConsumerRecords.Read(value.PartitionsPendingRevocation),
    };
}

/// <summary>What is known of a classic member in a group of the consumer protocol.</summary>
internal sealed record ClassicTraits(int SessionTimeoutMs, IReadOnlyList<MemberProtocol> Protocols)
{
    /// <summary>The version of the embedded protocol that the member speaks.</summary>
    public short ProtocolVersion => ConsumerEmbeddedProtocol.VersionOf(Protocols[0].Metadata);

    public bool Equals(ClassicTraits? other)
        => other is not null
            && SessionTimeoutMs == other.SessionTimeoutMs
            && Protocols.Count == other.Protocols.Count
            && Protocols.Zip(other.Protocols, (left, right) => left.Name == right.Name && left.Metadata.Span.SequenceEqual(right.Metadata.Span)).All(same => same);

    public override int GetHashCode() => SessionTimeoutMs;
}
