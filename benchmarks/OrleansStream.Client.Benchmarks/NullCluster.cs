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
    private Dictionary<Type, object> _grains = [];

    public static IGrainFactory Create(int partitions, int recordBytes, CompressionType compression)
    {
        var answers = new NullAnswers(partitions, recordBytes, compression);
        var factory = Create<IGrainFactory, NullCluster>();
        ((NullCluster)(object)factory)._grains = new()
        {
            [typeof(IClusterGrain)] = NullGrain.Create<IClusterGrain>(answers),
            [typeof(IBrokerGrain)] = NullGrain.Create<IBrokerGrain>(answers),
            [typeof(IPartitionGrain)] = NullGrain.Create<IPartitionGrain>(answers),
        };
        return factory;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => _grains[targetMethod!.ReturnType];
}

/// <summary>A grain that knows the calls of producers and consumers, by what is asked. Those are few for many records, so the proxy does not show.</summary>
public class NullGrain : DispatchProxy
{
    private NullAnswers _answers = null!;

    internal static T Create<T>(NullAnswers answers)
        where T : class
    {
        var grain = Create<T, NullGrain>();
        ((NullGrain)(object)grain)._answers = answers;
        return grain;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => args![0] switch
    {
        PartitionProduceRequest request => _answers.Produce(request),
        FetchRequest request => _answers.Fetch(request),
        ListOffsetRequest => Task.FromResult(new ListOffsetResponse(ErrorCode.None, 0, -1, 0)),
        MetadataRequest request => _answers.Describe(request),
        InitProducerIdRequest => Task.FromResult(new InitProducerIdResponse(ErrorCode.None, null, 1, 0)),
        _ => throw new InvalidOperationException($"{targetMethod} is no call of a producer or a consumer."),
    };
}

/// <summary>What all grains of the cluster answer.</summary>
internal sealed class NullAnswers
{
    private readonly int _partitions;
    private readonly byte[] _chunk;
    private readonly int _chunkRecords;
    private long _produced;

    public NullAnswers(int partitions, int recordBytes, CompressionType compression)
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

    public Task<ClusterMetadata> Describe(MetadataRequest request)
        => Task.FromResult(new ClusterMetadata("null", 1, [], [.. request.Topics!.Select(Describe)]));

    public Task<PartitionProduceResponse> Produce(PartitionProduceRequest request)
    {
        RecordBatchHeader.TryRead(request.Records.Span, out var header);
        var end = Interlocked.Add(ref _produced, header.RecordCount);
        return Task.FromResult(new PartitionProduceResponse(ErrorCode.None, null, end - header.RecordCount, -1, 0, 0));
    }

    public Task<FetchResponse> Fetch(FetchRequest request)
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

    private TopicMetadata Describe(string topic)
        => new(
            ErrorCode.None,
            topic,
            Guid.Empty,
            false,
            [.. Enumerable.Range(0, _partitions).Select(partition => new PartitionMetadata(ErrorCode.None, partition, 1, 0, [1], [1], []))]);
}
