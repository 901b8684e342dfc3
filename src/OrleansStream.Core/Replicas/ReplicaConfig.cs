namespace OrleansStream.Core.Replicas;

/// <summary>The part of a topic's configuration that its replicas decide by.</summary>
/// <param name="MaxMessageBytes"><c>max.message.bytes</c>: the largest record batch, headers included.</param>
/// <param name="MinInSyncReplicas"><c>min.insync.replicas</c>.</param>
/// <param name="TimestampType"><c>message.timestamp.type</c>.</param>
/// <param name="DurableBeforeAck">Whether a record counts as held by a replica only once it is on stable storage there (<c>durability</c>).</param>
/// <param name="AllowsDeleteRecords">Whether <c>cleanup.policy</c> contains <c>delete</c>.</param>
/// <param name="ReplicaLagTimeMaxMs"><c>replica.lag.time.max.ms</c>: how long a follower may lag before it leaves the ISR.</param>
public sealed record ReplicaConfig(
    int MaxMessageBytes,
    int MinInSyncReplicas,
    TimestampType TimestampType,
    bool DurableBeforeAck,
    bool AllowsDeleteRecords,
    long ReplicaLagTimeMaxMs)
{
    /// <summary>Kafka's defaults.</summary>
    public static ReplicaConfig Default { get; } = new(
        MaxMessageBytes: 1_048_588,
        MinInSyncReplicas: 1,
        TimestampType.CreateTime,
        DurableBeforeAck: true,
        AllowsDeleteRecords: true,
        ReplicaLagTimeMaxMs: 30_000);
}
