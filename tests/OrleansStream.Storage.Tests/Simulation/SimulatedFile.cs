namespace OrleansStream.Storage.Tests.Simulation;

/// <summary>A file's bytes. A write is durable at once; a new length only after a flush.</summary>
internal sealed class SimulatedFile(byte[] content)
{
    private readonly Lock _gate = new();
    private byte[] _bytes = content;
    private int _length = content.Length;
    private byte[]? _durableBeforeCut;

    public long Length
    {
        get
        {
            lock (_gate)
            {
                return _length;
            }
        }
    }

    public byte[] Content()
    {
        lock (_gate)
        {
            return _bytes[.._length];
        }
    }

    public byte[] Durable()
    {
        lock (_gate)
        {
            return _durableBeforeCut?.ToArray() ?? _bytes[.._length];
        }
    }

    public int Read(Span<byte> buffer, long position)
    {
        lock (_gate)
        {
            var available = (int)Math.Clamp(_length - position, 0, buffer.Length);
            if (available > 0)
            {
                _bytes.AsSpan((int)position, available).CopyTo(buffer);
            }

            return available;
        }
    }

    public void Write(ReadOnlySpan<byte> bytes, long position)
    {
        lock (_gate)
        {
            var end = (int)position + bytes.Length;
            if (end > _bytes.Length)
            {
                Array.Resize(ref _bytes, Math.Max(end, _bytes.Length * 2));
            }

            bytes.CopyTo(_bytes.AsSpan((int)position));
            _length = Math.Max(_length, end);
        }
    }

    public void SetLength(long length)
    {
        lock (_gate)
        {
            _durableBeforeCut ??= _bytes[.._length];
            var next = new byte[length];
            _bytes.AsSpan(0, (int)Math.Min(length, _length)).CopyTo(next);
            _bytes = next;
            _length = next.Length;
        }
    }

    public void Flush()
    {
        lock (_gate)
        {
            _durableBeforeCut = null;
        }
    }
}
