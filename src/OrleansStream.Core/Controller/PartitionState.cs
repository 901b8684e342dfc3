namespace OrleansStream.Core.Controller;

/// <summary>A partition's state as the metadata store has it.</summary>
/// <param name="LeaderAndIsr">Leader and ISR.</param>
/// <param name="PartitionEpoch">The version of the state in the store: each write is conditional on it.</param>
/// <param name="Zxid">The transaction that wrote it: a broker that registered later has restarted since.</param>
public sealed record PartitionState(LeaderAndIsr LeaderAndIsr, int PartitionEpoch, long Zxid);
