using System.Reflection;
using Orleans;
using OrleansStream.Abstractions;
using OrleansStream.Protocol.Records;

namespace OrleansStream.Client.Benchmarks;

/// <summary>
/// A cluster that does nothing, at once: produces are acknowledged, fetches return the same prepared chunk under ever
/// higher offsets. What is measured against it is the client alone.
/// </summary>
public class NullCluster : DispatchProxy
{
    private NullGrains _grains = null!;

    public static IGrainFactory Create(int partitions, int recordBytes, CompressionType compression)
    {
        var factory = Create<IGrainFactory, NullCluster>();
        ((NullCluster)(object)factory)._grains = new NullGrains(partitions, recordBytes, compression);
        return factory;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => _grains;
}

/// <summary>All grains of the cluster in one.</summary>
internal sealed class NullGrains : IClusterGrain, IBrokerGrain, IPartitionGrain
{
    private readonly int _partitions;
    private readonly byte[] _chunk;
    private readonly int _chunkRecords;
    private long _produced;

    public NullGrains(int partitions, int recordBytes, CompressionType compression)
    {
        _partitions = partitions;
        using var builder = new RecordBatchBuilder(compression) { SizeLimit = 1024 * 1024 };
        var value = new byte[recordBytes];
        new Random(1).NextBytes(value);
        while (builder.TryAppend(1_700_000_000_000, NullableSpan.Null, value))
        {
        }

        using var batch = builder.Close();
        _chunk = batch.Memory.ToArray();
        _chunkRecords = batch.RecordCount;
    }

    public Task<ClusterMetadata> GetMetadataAsync(MetadataRequest request, CancellationToken cancellationToken)
        => Task.FromResult(new ClusterMetadata("null", 1, [], [.. request.Topics!.Select(Describe)]));

    public Task<InitProducerIdResponse> InitProducerIdAsync(InitProducerIdRequest request, CancellationToken cancellationToken)
        => Task.FromResult(new InitProducerIdResponse(ErrorCode.None, null, 1, 0));

    public Task<CoordinatorLocation[]> FindCoordinatorAsync(string[] groupIds, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<PartitionProduceResponse> ProduceAsync(PartitionProduceRequest request, CancellationToken cancellationToken)
    {
        RecordBatchHeader.TryRead(request.Records.Span, out var header);
        var end = Interlocked.Add(ref _produced, header.RecordCount);
        return Task.FromResult(new PartitionProduceResponse(ErrorCode.None, null, end - header.RecordCount, -1, 0, 0));
    }

    public Task<FetchResponse> FetchAsync(FetchRequest request, CancellationToken cancellationToken)
        => Task.FromResult(new FetchResponse(Array.ConvertAll(request.Partitions, partition =>
        {
            // A fresh array each time, as a connection would deliver.
            var count = Math.Clamp(Math.Min(partition.MaxBytes, request.MaxBytes / request.Partitions.Length) / _chunk.Length, 1, 16);
            var bytes = GC.AllocateUninitializedArray<byte>(count * _chunk.Length);
            for (var i = 0; i < count; i++)
            {
                var place = bytes.AsSpan(i * _chunk.Length, _chunk.Length);
                _chunk.CopyTo(place);
                RecordBatch.SetBaseOffset(place, partition.Offset + ((long)i * _chunkRecords));
            }

            return new PartitionReadResponse(ErrorCode.None, null, long.MaxValue, long.MaxValue, 0, 0, bytes);
        })));

    public Task<ListOffsetResponse> ListOffsetAsync(ListOffsetRequest request, CancellationToken cancellationToken)
        => Task.FromResult(new ListOffsetResponse(ErrorCode.None, 0, -1, 0));

    public Task<TopicResult[]> CreateTopicsAsync(CreateTopicsRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<TopicResult[]> DeleteTopicsAsync(string[] topics, int timeoutMs, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<TopicResult> CreatePartitionsAsync(string topic, int totalCount, int[][]? assignments, bool validateOnly, int timeoutMs, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<ConfigDescription[]> DescribeConfigsAsync(ConfigResource[] resources, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<TopicResult[]> AlterConfigsAsync(ConfigAlteration[] alterations, bool validateOnly, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<LeaderAndIsrResponse> LeaderAndIsrAsync(LeaderAndIsrRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<ReplicaFetchResponse> FetchAsReplicaAsync(ReplicaFetchRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task ReportFlushedAsync(ReplicaFlushReport report, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<LeaderAndIsrResponse> StopReplicaAsync(StopReplicaRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<ErrorCode> UpdateMetadataAsync(UpdateMetadataRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<PartitionDescription[]> DescribeReplicasAsync(string[]? topics, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<PartitionReadResponse> ReadAsync(PartitionReadRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<OffsetForLeaderEpochResponse> OffsetForLeaderEpochAsync(OffsetForLeaderEpochRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<DeleteRecordsResponse> DeleteRecordsAsync(long beforeOffset, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<DescribeProducersResponse> DescribeProducersAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<PartitionDescription> DescribeAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<ErrorCode> LeaderAndIsrAsync(LeaderAndIsrPartition state, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<ErrorCode> StopReplicaAsync(bool deletePartition, int leaderEpoch, CancellationToken cancellationToken) => throw new NotSupportedException();

    private TopicMetadata Describe(string topic)
        => new(
            ErrorCode.None,
            topic,
            Guid.Empty,
            false,
            [.. Enumerable.Range(0, _partitions).Select(partition => new PartitionMetadata(ErrorCode.None, partition, 1, 0, [1], [1], []))]);
}
