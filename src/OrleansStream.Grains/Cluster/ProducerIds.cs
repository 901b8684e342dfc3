using OrleansStream.Core;
using OrleansStream.Metadata.Layout;

namespace OrleansStream.Grains.Cluster;

/// <summary>Hands out producer ids from blocks of the metadata store; what is left of a block when the broker stops is lost, never reused (KIP-98).</summary>
internal sealed class ProducerIds(int brokerId, ConfigService configs) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1);
    private ProducerIdBlock? _block;
    private long _next;

    /// <summary>A producer id that no producer has had.</summary>
    public async Task<Outcome<long>> NextAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_block is null || _next > _block.Last)
            {
                var block = await configs.Session.Cluster.AllocateProducerIdBlockAsync(brokerId, cancellationToken);
                if (!block.IsSuccess)
                {
                    return block.WithoutValue();
                }

                _block = block.Value;
                _next = _block.First;
            }

            return Outcome.Of(_next++);
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();
}
