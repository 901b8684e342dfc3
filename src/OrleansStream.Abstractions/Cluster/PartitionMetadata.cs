using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>A partition's leader and replicas.</summary>
/// <param name="Error">None, or <see cref="ErrorCode.LeaderNotAvailable"/>.</param>
/// <param name="Partition">The partition's number.</param>
/// <param name="Leader">The leader's broker id, -1 if there is none.</param>
/// <param name="LeaderEpoch">The leader epoch.</param>
/// <param name="Replicas">The replicas' broker ids, preferred leader first.</param>
/// <param name="Isr">The in-sync replicas' broker ids.</param>
/// <param name="OfflineReplicas">The replicas whose broker or log is offline.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.PartitionMetadata")]
public sealed record PartitionMetadata(
    [property: Id(0)] ErrorCode Error,
    [property: Id(1)] int Partition,
    [property: Id(2)] int Leader,
    [property: Id(3)] int LeaderEpoch,
    [property: Id(4)] int[] Replicas,
    [property: Id(5)] int[] Isr,
    [property: Id(6)] int[] OfflineReplicas);
