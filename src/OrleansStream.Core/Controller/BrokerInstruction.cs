using System.Collections.Immutable;

namespace OrleansStream.Core.Controller;

/// <summary>
/// What one broker must be told, in this order: leaders and ISRs, metadata, replicas to stop. All under the controller's epoch and
/// this broker's epoch.
/// </summary>
/// <param name="BrokerId">The broker.</param>
/// <param name="BrokerEpoch">The registration that is meant (KIP-380).</param>
/// <param name="ControllerEpoch">The controller's epoch.</param>
/// <param name="LeaderAndIsr">The partitions of its replicas that have changed.</param>
/// <param name="Metadata">What has changed in the cluster; null for nothing.</param>
/// <param name="StopReplicas">The replicas to stop.</param>
public sealed record BrokerInstruction(
    int BrokerId,
    long BrokerEpoch,
    int ControllerEpoch,
    ImmutableArray<PartitionInstruction> LeaderAndIsr,
    MetadataUpdate? Metadata,
    ImmutableArray<ReplicaStop> StopReplicas)
{
    /// <summary>
    /// Whether the broker is not registered any more and others lead what it led: it may have lost the metadata store alone and still answer
    /// clients. It is told if it can be reached, and not waited for; should it register again, it is told everything.
    /// </summary>
    public bool IsFarewell { get; init; }
}
