namespace OrleansStream.Client;

/// <content>Membership of a consumer group.</content>
public partial class ConsumerOptions
{
    /// <summary>The group that the consumer belongs to, or whose offsets it stores (<c>group.id</c>). Null, the default: none.</summary>
    public string? GroupId { get; set; }

    /// <summary>
    /// The consumer's own id in the group (<c>group.instance.id</c>, KIP-345), the same after a restart: it keeps its partitions
    /// as long as it is back within <see cref="SessionTimeout"/>. Null, the default: a dynamic member.
    /// </summary>
    public string? GroupInstanceId { get; set; }

    /// <summary>How the group rebalances (<c>group.protocol</c>). Default <see cref="GroupProtocol.Classic"/>.</summary>
    public GroupProtocol GroupProtocol { get; set; }

    /// <summary>
    /// How partitions are divided, preferred way first (<c>partition.assignment.strategy</c>); all members need one in common.
    /// Rebalances are cooperative if all of them are. Default: range and cooperative-sticky, as Kafka's clients have it.
    /// </summary>
    public IList<IPartitionAssignor> Assignors { get; set; } = [PartitionAssignors.Range, PartitionAssignors.CooperativeSticky];

    /// <summary>
    /// The broker's assignor with <see cref="GroupProtocol.Consumer"/> (<c>group.remote.assignor</c>): <c>uniform</c> or
    /// <c>range</c>. Null, the default: the broker's choice.
    /// </summary>
    public string? RemoteAssignor { get; set; }

    /// <summary>
    /// How long the group waits for a sign of life before it gives the consumer's partitions to others
    /// (<c>session.timeout.ms</c>). Default 45 s.
    /// </summary>
    public TimeSpan SessionTimeout { get; set; } = TimeSpan.FromSeconds(45);

    /// <summary>How often the consumer gives a sign of life, in the background (<c>heartbeat.interval.ms</c>). Default 3 s.</summary>
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// How long processing may take from one read to the next, and a rebalance may wait for it (<c>max.poll.interval.ms</c>).
    /// A consumer that takes longer leaves its group until it reads again. Default 5 minutes.
    /// </summary>
    public TimeSpan MaxPollInterval { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Whether what has been processed is committed by itself: every <see cref="AutoCommitInterval"/>, before partitions are
    /// given back, and when the consumer is disposed (<c>enable.auto.commit</c>). A record counts as processed with the next
    /// read; see <see cref="IConsumer{TKey, TValue}.ConsumeAsync"/>. Default true. Without <see cref="GroupId"/> nothing is committed.
    /// </summary>
    public bool EnableAutoCommit { get; set; } = true;

    /// <summary>How often (<c>auto.commit.interval.ms</c>). Default 5 s.</summary>
    public TimeSpan AutoCommitInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Whether disposing a dynamic member leaves the group at once (<c>internal.leave.group.on.close</c>). Default true. A static
    /// member never leaves: it may come back.
    /// </summary>
    public bool LeaveGroupOnDispose { get; set; } = true;

    /// <summary>The consumer's name for itself in descriptions of the group (<c>client.id</c>). Default <c>orleansstream</c>.</summary>
    public string ClientId { get; set; } = "orleansstream";

    /// <summary>
    /// The rack that the consumer is in (<c>client.rack</c>), for assignors that look at it, and so that brokers with the rack-aware
    /// <c>replica.selector.class</c> let it read from a replica there (KIP-392). Null, the default: unknown.
    /// </summary>
    public string? ClientRack { get; set; }
}
