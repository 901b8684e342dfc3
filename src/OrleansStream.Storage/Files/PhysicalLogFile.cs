using Microsoft.Win32.SafeHandles;

namespace OrleansStream.Storage.Files;

/// <summary>
/// A file on disk. Handles for writing are opened so that a write returns when it is on stable storage, past the page
/// cache where the file system, the device and the memory allow it.
/// </summary>
/// <param name="handle">The file, which is owned from now on.</param>
/// <param name="reopen">For a direct handle: opens the file through the page cache, for a write that cannot go past it.</param>
internal sealed class PhysicalLogFile(SafeFileHandle handle, Func<SafeFileHandle>? reopen = null) : ILogFile
{
    private SafeFileHandle _handle = handle;
    private Func<SafeFileHandle>? _reopen = reopen;

    public long Length => RandomAccess.GetLength(_handle);

    public int Read(Span<byte> buffer, long position)
    {
        var total = 0;
        while (total < buffer.Length)
        {
            var read = RandomAccess.Read(_handle, buffer[total..], position + total);
            if (read == 0)
            {
                break;
            }

            total += read;
        }

        return total;
    }

    public void Write(IReadOnlyList<ReadOnlyMemory<byte>> buffers, long position)
    {
        try
        {
            WriteOnce(buffers, position);
        }
        catch (IOException exception) when (exception.HResult == DirectFile.InvalidArgument && _reopen is not null)
        {
            // Larger blocks than ours: from here on this file is written through the page cache, from the same place again.
            var buffered = _reopen();
            _reopen = null;
            _handle.Dispose();
            _handle = buffered;
            WriteOnce(buffers, position);
        }
    }

    public void SetLength(long length) => RandomAccess.SetLength(_handle, length);

    public void Flush() => RandomAccess.FlushToDisk(_handle);

    public void Dispose() => _handle.Dispose();

    private void WriteOnce(IReadOnlyList<ReadOnlyMemory<byte>> buffers, long position)
    {
        if (buffers.Count == 1)
        {
            RandomAccess.Write(_handle, buffers[0].Span, position);
        }
        else
        {
            RandomAccess.Write(_handle, buffers, position);
        }
    }
}
