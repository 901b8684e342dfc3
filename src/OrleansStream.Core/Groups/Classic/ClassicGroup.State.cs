using OrleansStream.Core.Groups.Records;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Core.Groups.Classic;

/// <content>What is stored, and the rules that depend on the state.</content>
internal sealed partial class ClassicGroup
{
    /// <summary>Takes in a stored record: live right after it was made, and in recovery.</summary>
    public void Restore(GroupMetadataValue value)
    {
        ProtocolType = value.ProtocolType.Length == 0 ? null : value.ProtocolType;
        Generation = value.Generation;
        ProtocolName = value.Protocol;
        var stored = new HashSet<string>(value.Members.Count, StringComparer.Ordinal);
        foreach (var from in value.Members)
        {
            stored.Add(from.MemberId);
            if (Find(from.MemberId) is not { } member)
            {
                member = new ClassicMember(
                    from.MemberId,
                    from.GroupInstanceId,
                    from.ClientId,
                    from.ClientHost,
                    [new MemberProtocol(value.Protocol ?? string.Empty, from.Subscription.ToArray())])
                {
                    SessionTimeoutMs = from.SessionTimeout,
                    RebalanceTimeoutMs = from.RebalanceTimeout < 0 ? from.SessionTimeout : from.RebalanceTimeout,
                };
                if (from.GroupInstanceId is { } instanceId && FindStatic(instanceId) is { } predecessor)
                {
                    Remove(predecessor.MemberId);
                }

                Add(member, null);
            }

            member.Assignment = from.Assignment.ToArray();
        }

        foreach (var gone in _members.Keys.Where(memberId => !stored.Contains(memberId)).ToList())
        {
            Remove(gone);
        }

        NeedsRebalance = value.Leader is null && _members.Count > 0;
        Leader = value.Leader is { } leader && _members.ContainsKey(leader) ? leader : _members.Keys.FirstOrDefault();
        PreviousState = State;
        State = _members.Count == 0 ? ClassicGroupState.Empty : ClassicGroupState.Stable;
        StateTimestampMs = value.CurrentStateTimestamp < 0 ? null : value.CurrentStateTimestamp;
        _subscribedTopics = ReadSubscribedTopics();
    }

    /// <summary>Takes over a group of the consumer protocol in its epoch; the record with its assignment comes next.</summary>
    public void Adopt(int generation)
    {
        Generation = generation;
        ProtocolName = SelectProtocol();
    }

    /// <summary>
    /// Whether the record that was stored last is of a group that has to rebalance, which it says by having members and no leader. A coordinator
    /// that loads it begins with that.
    /// </summary>
    public bool NeedsRebalance { get; private set; }

    /// <summary>The record of the group as it is, with an assignment.</summary>
    public CoordinatorRecord ToRecord(Func<ClassicMember, ReadOnlyMemory<byte>> assignmentOf, long stateTimestampMs, bool needsRebalance = false)
    {
        var value = new GroupMetadataValue
        {
            ProtocolType = ProtocolType ?? string.Empty,
            Generation = Generation,
            Protocol = ProtocolName,
            Leader = needsRebalance ? null : Leader,
            CurrentStateTimestamp = stateTimestampMs,
        };
        value.Members.AddRange(_members.Values.Select(member => new GroupMetadataValue.MemberMetadata
        {
            MemberId = member.MemberId,
            GroupInstanceId = member.InstanceId,
            ClientId = member.ClientId,
            ClientHost = member.ClientHost,
            SessionTimeout = member.SessionTimeoutMs,
            RebalanceTimeout = member.RebalanceTimeoutMs,
            Subscription = member.MetadataOf(ProtocolName),
            Assignment = assignmentOf(member),
        }));
        return new CoordinatorRecord(new GroupMetadataKey { Group = GroupId }, value);
    }

    /// <summary>Kafka's check of who sends a request.</summary>
    public ErrorCode ValidateMember(string memberId, string? instanceId)
    {
        if (instanceId is not null)
        {
            if (!_staticMembers.TryGetValue(instanceId, out var current))
            {
                return ErrorCode.UnknownMemberId;
            }

            if (current != memberId)
            {
                return ErrorCode.FencedInstanceId;
            }
        }

        return _members.ContainsKey(memberId) ? ErrorCode.None : ErrorCode.UnknownMemberId;
    }

    public override bool IsSubscribedTo(string topic) => _subscribedTopics?.Contains(topic) ?? IsConsumer;

    public override ErrorCode ValidateCommit(string memberId, string? instanceId, int generationOrEpoch)
    {
        if (State == ClassicGroupState.Dead)
        {
            return ErrorCode.CoordinatorNotAvailable;
        }

        if (generationOrEpoch < 0 && State == ClassicGroupState.Empty)
        {
            // A tool, or a consumer that assigns partitions to itself.
            return ErrorCode.None;
        }

        if (generationOrEpoch < 0 && memberId.Length == 0 && instanceId is null)
        {
            return ErrorCode.UnknownMemberId;
        }

        var error = ValidateMember(memberId, instanceId);
        return error != ErrorCode.None ? error
            : generationOrEpoch != Generation ? ErrorCode.IllegalGeneration
            : State == ClassicGroupState.CompletingRebalance ? ErrorCode.RebalanceInProgress
            : ErrorCode.None;
    }

    public override ErrorCode ValidateFetch(string? memberId, int memberEpoch) => ErrorCode.None;

    public override ErrorCode ValidateOffsetDelete()
        => State == ClassicGroupState.Dead ? ErrorCode.GroupIdNotFound
            : State != ClassicGroupState.Empty && !IsConsumer ? ErrorCode.NonEmptyGroup
            : ErrorCode.None;

    /// <summary>KIP-211.</summary>
    public override long? RetentionStart(long commitTimestampMs)
        => ProtocolType is null ? commitTimestampMs
            : State == ClassicGroupState.Empty ? StateTimestampMs ?? commitTimestampMs
            : State == ClassicGroupState.Stable && _subscribedTopics is not null ? commitTimestampMs
            : null;
}
