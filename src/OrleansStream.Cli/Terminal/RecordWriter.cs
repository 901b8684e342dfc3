using System.Buffers.Text;

namespace OrleansStream.Cli.Terminal;

/// <summary>
/// Collects bytes for stdout in one buffer and writes it when it is full or on <see cref="Flush"/>: a record costs a copy,
/// not a system call. Not thread-safe.
/// </summary>
internal sealed class RecordWriter(Stream output, int bufferBytes = 128 * 1024)
{
    private readonly byte[] _buffer = new byte[bufferBytes];
    private int _count;

    /// <summary>Adds bytes as they are.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _buffer.Length - _count)
        {
            Flush();
            if (bytes.Length > _buffer.Length)
            {
                output.Write(bytes);
                return;
            }
        }

        bytes.CopyTo(_buffer.AsSpan(_count));
        _count += bytes.Length;
    }

    /// <summary>Adds one byte.</summary>
    public void Write(byte value) => Write([value]);

    /// <summary>Adds a number in decimal.</summary>
    public void Write(long value)
    {
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(value, digits, out var length);
        Write(digits[..length]);
    }

    /// <summary>Hands everything to the stream.</summary>
    public void Flush()
    {
        var count = _count;
        _count = 0;
        output.Write(_buffer.AsSpan(0, count));
    }
}
