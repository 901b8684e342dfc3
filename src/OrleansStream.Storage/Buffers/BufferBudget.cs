using System.Numerics;

namespace OrleansStream.Storage.Buffers;

/// <summary>Shares the memory for buffers among the active logs.</summary>
internal sealed class BufferBudget(long budgetBytes, int minBytes, int maxBytes)
{
    /// <summary>A log gets at most this part of what is left, so that the first ones do not take all.</summary>
    private const int Share = 16;

    private readonly Lock _gate = new();
    private long _leased;

    /// <summary>What is leased now.</summary>
    public long LeasedBytes
    {
        get
        {
            lock (_gate)
            {
                return _leased;
            }
        }
    }

    /// <summary>Whether a further lease goes beyond the budget.</summary>
    public bool IsExhausted => LeasedBytes + minBytes > budgetBytes;

    /// <summary>Leases memory for a buffer.</summary>
    /// <param name="neededBytes">What a batch that waits needs; 0 for no wish.</param>
    /// <returns>The size of the buffer: a power of two, at least what is needed.</returns>
    public int Lease(int neededBytes)
    {
        lock (_gate)
        {
            var size = SizeFor(neededBytes);
            _leased += size;
            return size;
        }
    }

    /// <summary>What <see cref="Lease"/> would give now to a log that gave its own buffer back first.</summary>
    public int SizeInsteadOf(int leasedBytes)
    {
        lock (_gate)
        {
            _leased -= leasedBytes;
            var size = SizeFor(0);
            _leased += leasedBytes;
            return size;
        }
    }

    /// <summary>Gives a lease back.</summary>
    public void Return(int bytes)
    {
        lock (_gate)
        {
            _leased -= bytes;
        }
    }

    private int SizeFor(int neededBytes)
    {
        var share = Math.Max(0, budgetBytes - _leased) / Share;
        var wanted = Math.Clamp((int)Math.Min(share, maxBytes), minBytes, maxBytes);
        var size = 1 << BitOperations.Log2((uint)wanted);
        return neededBytes <= size ? size : (int)BitOperations.RoundUpToPowerOf2((uint)neededBytes);
    }
}
