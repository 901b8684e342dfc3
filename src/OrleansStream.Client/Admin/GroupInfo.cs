namespace OrleansStream.Client;

/// <summary>A group with its members.</summary>
public sealed record GroupInfo
{
    /// <summary>The group.</summary>
    public required string GroupId { get; init; }

    /// <summary>None, or why it cannot be described: <see cref="ErrorCode.GroupIdNotFound"/> when there is no such group.</summary>
    public ErrorCode Error { get; init; }

    /// <summary><c>classic</c> or <c>consumer</c> (KIP-848).</summary>
    public string Type { get; init; } = string.Empty;

    /// <summary>Its state, as Kafka names it: Empty, PreparingRebalance, CompletingRebalance, Stable, Dead; Assigning, Reconciling.</summary>
    public string State { get; init; } = string.Empty;

    /// <summary>The assignor that it follows; empty if it has none.</summary>
    public string Assignor { get; init; } = string.Empty;

    /// <summary>The generation, or the group epoch; -1 if there is none.</summary>
    public int GenerationId { get; init; } = -1;

    /// <summary>The broker that coordinates it.</summary>
    public int CoordinatorId { get; init; } = -1;

    /// <summary>The members in order of their ids.</summary>
    public IReadOnlyList<GroupMemberInfo> Members { get; init; } = [];
}

/// <summary>A member of a group.</summary>
/// <param name="MemberId">Its id.</param>
/// <param name="GroupInstanceId">Its id as a static member, else null.</param>
/// <param name="ClientId">The client's name for itself.</param>
/// <param name="ClientHost">Where the client is.</param>
/// <param name="Claims">The partitions that it owns; empty when the group is no group of consumers.</param>
public sealed record GroupMemberInfo(string MemberId, string? GroupInstanceId, string ClientId, string ClientHost, IReadOnlyList<TopicPartition> Claims);
