using System.Buffers;
using System.Runtime.CompilerServices;

namespace OrleansStream.Protocol;

/// <summary>
/// A growing buffer from the shared array pool with an upper bound. Not thread-safe. The bytes are valid until the next
/// call that writes, <see cref="Clear"/> or <see cref="Dispose"/>.
/// </summary>
public sealed class PooledBufferWriter : IBufferWriter<byte>, IDisposable
{
    private const int MinCapacity = 256;

    private byte[] _buffer;
    private int _written;

    /// <summary>Creates a writer; memory is rented with the first write.</summary>
    /// <param name="initialCapacity">What the first rental holds at least.</param>
    /// <param name="maxBytes">What may be written at most.</param>
    public PooledBufferWriter(int initialCapacity = 0, int maxBytes = int.MaxValue)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(initialCapacity);
        ArgumentOutOfRangeException.ThrowIfNegative(maxBytes);
        MaxBytes = maxBytes;
        _buffer = initialCapacity == 0 ? [] : ArrayPool<byte>.Shared.Rent(initialCapacity);
    }

    /// <summary>What may be written at most; writing more is a <see cref="ProtocolException"/> with <see cref="ErrorCode.MessageTooLarge"/>.</summary>
    public int MaxBytes { get; set; }

    /// <summary>What has been written so far, in bytes.</summary>
    public int WrittenCount => _written;

    /// <summary>What has been written.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => _buffer.AsMemory(0, _written);

    /// <summary>What has been written.</summary>
    public ReadOnlySpan<byte> WrittenSpan => _buffer.AsSpan(0, _written);

    /// <summary>What has been written, to be changed in place.</summary>
    public Span<byte> WrittenBytes => _buffer.AsSpan(0, _written);

    /// <inheritdoc/>
    /// <exception cref="ProtocolException">More than <see cref="MaxBytes"/>.</exception>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _buffer.Length - _written);
        if (count > MaxBytes - _written)
        {
            ThrowTooLarge((long)_written + count);
        }

        _written += count;
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsMemory(_written);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsSpan(_written);
    }

    /// <summary>
    /// Free room of about <paramref name="size"/> bytes, less where the limit is nearer: what a decompressor fills step
    /// by step. Never empty: one byte beyond the limit shows that there is more, and <see cref="Advance"/> refuses it.
    /// </summary>
    internal Span<byte> GetSpanUpTo(int size) => GetSpan((int)Math.Clamp((long)MaxBytes - _written + 1, 1, size));

    /// <summary>Forgets what has been written and keeps the memory.</summary>
    public void Clear() => _written = 0;

    /// <summary>Gives the array away: the caller returns it to the shared pool; the writer is empty afterwards.</summary>
    internal byte[] Detach()
    {
        var buffer = _buffer;
        _buffer = [];
        _written = 0;
        return buffer;
    }

    /// <summary>Returns the memory. The writer can be used again.</summary>
    public void Dispose()
    {
        var buffer = Detach();
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Reserve(int sizeHint)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        if (_buffer.Length - _written < Math.Max(sizeHint, 1))
        {
            Grow(Math.Max(sizeHint, 1));
        }
    }

    private void Grow(int room)
    {
        // One byte of room beyond the limit lets a decompressor show that it has more to say; Advance refuses it then.
        var needed = (long)_written + room;
        if (needed > (long)MaxBytes + 1 || needed > Array.MaxLength)
        {
            ThrowTooLarge(needed);
        }

        var capacity = Math.Max(Math.Max(needed, MinCapacity), Math.Min((long)_buffer.Length * 2, (long)MaxBytes + 1));
        var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(capacity, Array.MaxLength));
        _buffer.AsSpan(0, _written).CopyTo(larger);
        var old = _buffer;
        _buffer = larger;
        if (old.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(old);
        }
    }

    private void ThrowTooLarge(long needed) =>
        Malformed.TooLarge($"{needed} bytes or more are to be written to a buffer that may hold {MaxBytes}.");
}
