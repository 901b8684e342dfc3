namespace OrleansStream.Client;

/// <summary>What a member of a group tells the others when it joins (ConsumerProtocolSubscription).</summary>
public sealed record MemberSubscription
{
    /// <summary>The member's id.</summary>
    public required string MemberId { get; init; }

    /// <summary>Its id as a static member (KIP-345), else null.</summary>
    public string? GroupInstanceId { get; init; }

    /// <summary>The topics that it subscribes to.</summary>
    public required IReadOnlyList<string> Topics { get; init; }

    /// <summary>What its assignor has added; null for nothing.</summary>
    public ReadOnlyMemory<byte>? UserData { get; init; }

    /// <summary>The partitions that it has not given back (KIP-429); empty for members of eager assignors.</summary>
    public IReadOnlyList<TopicPartition> OwnedPartitions { get; init; } = [];

    /// <summary>The generation in which it owned them (KIP-792); -1 if unknown.</summary>
    public int GenerationId { get; init; } = -1;

    /// <summary>Its rack (KIP-881), null if unknown.</summary>
    public string? RackId { get; init; }

    /// <summary>
    /// The order of members in assignments, Kafka's: static members by instance id before others by member id, so that
    /// all clients come to the same result.
    /// </summary>
    internal static int CompareOrder(MemberSubscription left, MemberSubscription right)
        => (left.GroupInstanceId, right.GroupInstanceId) switch
        {
            ({ } a, { } b) => string.CompareOrdinal(a, b),
            ({ }, null) => -1,
            (null, { }) => 1,
            _ => string.CompareOrdinal(left.MemberId, right.MemberId),
        };
}
