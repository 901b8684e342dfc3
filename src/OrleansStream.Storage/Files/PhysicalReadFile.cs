using Microsoft.Win32.SafeHandles;

namespace OrleansStream.Storage.Files;

/// <summary>
/// A file on disk that is read. Small reads go through the page cache. Large ones, of consumers that catch up, go past it
/// where that is possible: log writes leave nothing in the cache, and filling it costs more than it gives to data that is
/// read once.
/// </summary>
/// <param name="handle">The file, which is owned from now on.</param>
/// <param name="path">Its path.</param>
internal sealed class PhysicalReadFile(SafeFileHandle handle, string path) : ILogFile
{
    private const int LargeRead = 256 * 1024;

    private readonly Lock _gate = new();
    private SafeFileHandle? _direct;
    private bool _isDirectTried;

    public long Length => RandomAccess.GetLength(handle);

    public int Read(Span<byte> buffer, long position)
    {
        if (buffer.Length >= LargeRead && DirectHandle() is { } direct)
        {
            try
            {
                return ReadDirect(direct, buffer, position);
            }
            catch (IOException exception) when (exception.HResult == DirectFile.InvalidArgument)
            {
                // The device has larger blocks than ours; the page cache hides them.
                CloseDirect();
            }
        }

        var total = 0;
        while (total < buffer.Length)
        {
            var read = RandomAccess.Read(handle, buffer[total..], position + total);
            if (read == 0)
            {
                break;
            }

            total += read;
        }

        return total;
    }

    public void Write(IReadOnlyList<ReadOnlyMemory<byte>> buffers, long position) => throw ReadOnly();

    public void SetLength(long length) => throw ReadOnly();

    public void Flush() => throw ReadOnly();

    public void Dispose()
    {
        handle.Dispose();
        CloseDirect();
    }

    private static int ReadDirect(SafeFileHandle direct, Span<byte> buffer, long position)
    {
        using var aligned = AlignedBuffer.Rent();
        var total = 0;
        while (total < buffer.Length)
        {
            var at = position + total;
            var skip = (int)(at & (AlignedBuffer.Alignment - 1));
            var wanted = Math.Min(AlignedBuffer.Bytes, RoundUp(skip + buffer.Length - total));
            var read = RandomAccess.Read(direct, aligned.Span[..wanted], at - skip) - skip;
            if (read <= 0)
            {
                break;
            }

            read = Math.Min(read, buffer.Length - total);
            aligned.Span.Slice(skip, read).CopyTo(buffer[total..]);
            total += read;
        }

        return total;
    }

    private static int RoundUp(int bytes) => (int)Math.Min(int.MaxValue, (bytes + (AlignedBuffer.Alignment - 1L)) & ~(AlignedBuffer.Alignment - 1L));

    private SafeFileHandle? DirectHandle()
    {
        lock (_gate)
        {
            if (!_isDirectTried)
            {
                _isDirectTried = true;
                _direct = DirectFile.TryOpen(path, forWriting: false);
            }

            return _direct;
        }
    }

    private void CloseDirect()
    {
        lock (_gate)
        {
            _isDirectTried = true;
            _direct?.Dispose();
            _direct = null;
        }
    }

    private InvalidOperationException ReadOnly() => new($"{path} is open for reading only.");
}
