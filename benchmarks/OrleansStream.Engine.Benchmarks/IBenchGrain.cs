using Orleans;

namespace OrleansStream.Engine.Benchmarks;

/// <summary>What is measured: bytes in, bytes out, and nothing else.</summary>
[Alias("Benchmarks.IBenchGrain")]
public interface IBenchGrain : IGrainWithIntegerKey
{
    [Alias("Sink")]
    Task<int> SinkAsync(ReadOnlyMemory<byte> payload, CancellationToken cancellationToken);

    [Alias("Source")]
    Task<ReadOnlyMemory<byte>> SourceAsync(int size, CancellationToken cancellationToken);
}

public sealed class BenchGrain : Grain, IBenchGrain
{
    private byte[] _source = [];

    public Task<int> SinkAsync(ReadOnlyMemory<byte> payload, CancellationToken cancellationToken) => Task.FromResult(payload.Length);

    public Task<ReadOnlyMemory<byte>> SourceAsync(int size, CancellationToken cancellationToken)
    {
        if (_source.Length != size)
        {
            _source = new byte[size];
        }

        return Task.FromResult<ReadOnlyMemory<byte>>(_source);
    }
}
