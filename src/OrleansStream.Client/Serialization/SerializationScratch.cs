using System.Buffers;

namespace OrleansStream.Client;

/// <summary>Where keys and values are serialized before their length is known; one for each thread, reused.</summary>
internal sealed class SerializationScratch : IBufferWriter<byte>
{
    // What one huge record made it grow to is not kept for ever.
    private const int KeptBytes = 1024 * 1024;

    [ThreadStatic]
    private static SerializationScratch? _ofThread;

    private byte[] _buffer = new byte[1024];

    public int Length { get; private set; }

    /// <summary>Takes the thread's scratch; a serializer that produces on its own finds none and gets another.</summary>
    public static SerializationScratch Take()
    {
        var scratch = _ofThread ?? new SerializationScratch();
        _ofThread = null;
        return scratch;
    }

    public void Return()
    {
        Length = 0;
        if (_buffer.Length <= KeptBytes)
        {
            _ofThread = this;
        }
    }

    public void Clear() => Length = 0;

    public ReadOnlySpan<byte> Slice(int start, int length) => _buffer.AsSpan(start, length);

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _buffer.Length - Length);
        Length += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _buffer.AsSpan(Length);
    }

    private void Reserve(int sizeHint)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
        var needed = Length + Math.Max(sizeHint, 1);
        if (needed > _buffer.Length)
        {
            Array.Resize(ref _buffer, Math.Max(needed, _buffer.Length * 2));
        }
    }
}
