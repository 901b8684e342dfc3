namespace OrleansStream.Core.Groups;

/// <summary>What a coordinator is configured with; the names are those of the broker's keys.</summary>
public sealed record GroupSettings
{
    /// <summary><c>group.min.session.timeout.ms</c>.</summary>
    public int MinSessionTimeoutMs { get; init; } = 6000;

    /// <summary><c>group.max.session.timeout.ms</c>.</summary>
    public int MaxSessionTimeoutMs { get; init; } = 1_800_000;

    /// <summary><c>group.initial.rebalance.delay.ms</c>.</summary>
    public int InitialRebalanceDelayMs { get; init; } = 3000;

    /// <summary><c>group.max.size</c>.</summary>
    public int MaxSize { get; init; } = int.MaxValue;

    /// <summary>How long a new member's first join may wait, since it cannot send heartbeats meanwhile.</summary>
    public int NewMemberJoinTimeoutMs { get; init; } = 300_000;

    /// <summary><c>offsets.retention.minutes</c>.</summary>
    public long OffsetsRetentionMs { get; init; } = 7L * 24 * 60 * 60 * 1000;

    /// <summary><c>offsets.retention.check.interval.ms</c>.</summary>
    public long OffsetsRetentionCheckIntervalMs { get; init; } = 600_000;

    /// <summary><c>offset.metadata.max.bytes</c>, counted in characters as Kafka does.</summary>
    public int OffsetMetadataMaxSize { get; init; } = 4096;

    /// <summary><c>group.consumer.session.timeout.ms</c>.</summary>
    public int ConsumerSessionTimeoutMs { get; init; } = 45_000;

    /// <summary><c>group.consumer.heartbeat.interval.ms</c>.</summary>
    public int ConsumerHeartbeatIntervalMs { get; init; } = 5000;

    /// <summary><c>group.consumer.max.size</c>.</summary>
    public int ConsumerMaxSize { get; init; } = int.MaxValue;

    /// <summary><c>group.consumer.assignors</c>: what groups can choose from, the default first.</summary>
    public IReadOnlyList<string> ConsumerAssignors { get; init; } = ["uniform", "range"];

    /// <summary><c>group.consumer.migration.policy</c>: whether a group may go from the classic to the consumer protocol while it has members.</summary>
    public bool AllowsUpgrade { get; init; } = true;

    /// <summary><c>group.consumer.migration.policy</c>: whether a group may go back.</summary>
    public bool AllowsDowngrade { get; init; } = true;
}
