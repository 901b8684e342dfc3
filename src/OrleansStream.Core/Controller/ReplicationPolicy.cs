namespace OrleansStream.Core.Controller;

/// <summary>The part of a topic's configuration that the controller decides by.</summary>
/// <param name="MinInSyncReplicas"><c>min.insync.replicas</c>: who leaves a smaller ISR becomes eligible to lead (KIP-966).</param>
/// <param name="IsFlushedBeforeAck">Whether replicas count only what is on stable storage; else a broker that did not stop in order may have lost some of it.</param>
/// <param name="IsUncleanElectionAllowed"><c>unclean.leader.election.enable</c>.</param>
public sealed record ReplicationPolicy(int MinInSyncReplicas, bool IsFlushedBeforeAck, bool IsUncleanElectionAllowed)
{
    /// <summary>Kafka's defaults.</summary>
    public static ReplicationPolicy Default { get; } = new(MinInSyncReplicas: 1, IsFlushedBeforeAck: true, IsUncleanElectionAllowed: false);
}
