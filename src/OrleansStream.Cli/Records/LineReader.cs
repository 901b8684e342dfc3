using System.Buffers;

namespace OrleansStream.Cli.Records;

/// <summary>
/// Cuts a stream into lines without looking at anything but <c>\n</c>: no decoding, so every byte of a line arrives as it
/// stood, NUL, CR and broken UTF-8 included. The newline is not part of a line; a last line without one counts.
/// Not thread-safe.
/// </summary>
internal sealed class LineReader : IDisposable
{
    private readonly Stream _stream;
    private readonly int _maxLineBytes;
    private byte[] _buffer;
    private int _start;
    private int _end;
    private bool _endOfStream;

    /// <summary>A reader over <paramref name="stream"/>, which stays open.</summary>
    /// <param name="stream">Where the bytes come from.</param>
    /// <param name="maxLineBytes">The longest line that is taken into memory.</param>
    /// <param name="bufferBytes">The first size of the buffer; it grows for longer lines.</param>
    public LineReader(Stream stream, int maxLineBytes, int bufferBytes = 256 * 1024)
    {
        _stream = stream;
        _maxLineBytes = maxLineBytes;
        _buffer = ArrayPool<byte>.Shared.Rent(bufferBytes);
    }

    /// <summary>The number of the line that was read last, from 1.</summary>
    public long LineNumber { get; private set; }

    /// <summary>Reads the next line, waiting for input if need be.</summary>
    /// <param name="line">The line without its newline; valid until the next call.</param>
    /// <returns>False at the end of the stream.</returns>
    /// <exception cref="LineTooLongException">The line is longer than the limit.</exception>
    public bool TryRead(out ReadOnlyMemory<byte> line)
    {
        var scanned = 0;
        while (true)
        {
            var newline = _buffer.AsSpan(_start + scanned, _end - _start - scanned).IndexOf((byte)'\n');
            if (newline >= 0)
            {
                line = Take(scanned + newline, skip: 1);
                return true;
            }

            scanned = _end - _start;
            if (_endOfStream)
            {
                line = scanned == 0 ? default : Take(scanned, skip: 0);
                return scanned > 0;
            }

            if (scanned > _maxLineBytes)
            {
                throw new LineTooLongException(LineNumber + 1, _maxLineBytes);
            }

            Fill();
        }
    }

    /// <summary>Whether another whole line is in the buffer, so that reading it does not wait for input.</summary>
    public bool HasBufferedLine => _buffer.AsSpan(_start, _end - _start).Contains((byte)'\n');

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _start = _end = 0;
        _endOfStream = true;
    }

    private ReadOnlyMemory<byte> Take(int length, int skip)
    {
        LineNumber++;
        if (length > _maxLineBytes)
        {
            throw new LineTooLongException(LineNumber, _maxLineBytes);
        }

        var line = _buffer.AsMemory(_start, length);
        _start += length + skip;
        return line;
    }

    private void Fill()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
            _buffer.AsSpan(0, _end).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }

        var read = _stream.Read(_buffer, _end, _buffer.Length - _end);
        _endOfStream = read == 0;
        _end += read;
    }
}
