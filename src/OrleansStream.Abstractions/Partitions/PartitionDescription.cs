using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>A replica's state at one moment.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Partition">The partition.</param>
/// <param name="BrokerId">The broker that holds the replica.</param>
/// <param name="IsLeader">Whether this replica leads.</param>
/// <param name="LeaderEpoch">The leader epoch.</param>
/// <param name="LogStartOffset">The first offset.</param>
/// <param name="HighWatermark">The first offset that is not committed.</param>
/// <param name="LastStableOffset">The first offset that read_committed readers may not see.</param>
/// <param name="LogEndOffset">The offset that the next record gets.</param>
/// <param name="FlushedOffset">The first offset that is not on stable storage.</param>
/// <param name="SizeBytes">Bytes of the log on disk.</param>
/// <param name="OfflineReason">Why the replica is offline, null if it is not.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.PartitionDescription")]
public sealed record PartitionDescription(
    [property: Id(0)] string Topic,
    [property: Id(1)] int Partition,
    [property: Id(2)] int BrokerId,
    [property: Id(3)] bool IsLeader,
    [property: Id(4)] int LeaderEpoch,
    [property: Id(5)] long LogStartOffset,
    [property: Id(6)] long HighWatermark,
    [property: Id(7)] long LastStableOffset,
    [property: Id(8)] long LogEndOffset,
    [property: Id(9)] long FlushedOffset,
    [property: Id(10)] long SizeBytes,
    [property: Id(11)] string? OfflineReason);
