using System.Buffers;

namespace OrleansStream.Engine.Networking;

/// <summary>
/// A large frame in an array of the shared pool. Whoever has made the last use of what was read from it may dispose of it, and its array
/// serves the next one: its pages are there already and no collection has to find it. A frame that nobody disposes of is collected as any other.
/// </summary>
internal sealed class PooledFrame(int length) : MemoryManager<byte>
{
    private byte[]? _array = ArrayPool<byte>.Shared.Rent(length);

    private byte[] Array => _array ?? throw new ObjectDisposedException(nameof(PooledFrame), "The frame was disposed of; nothing of it may be used any more.");

    /// <inheritdoc/>
    public override Span<byte> GetSpan() => Array.AsSpan(0, length);

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(elementIndex);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(elementIndex, length);
        return Array.AsMemory(elementIndex).Pin();
    }

    /// <inheritdoc/>
    public override void Unpin()
    {
        // The handle that Pin returns is that of the array.
    }

    /// <inheritdoc/>
    protected override bool TryGetArray(out ArraySegment<byte> segment)
    {
        segment = new ArraySegment<byte>(Array, 0, length);
        return true;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (Interlocked.Exchange(ref _array, null) is { } array)
        {
            ArrayPool<byte>.Shared.Return(array);
        }
    }
}
