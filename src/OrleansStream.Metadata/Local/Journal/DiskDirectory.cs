using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace OrleansStream.Metadata.Local;

/// <summary>A directory of the file system.</summary>
internal sealed partial class DiskDirectory : IStoreDirectory
{
    public DiskDirectory(string path)
    {
        FullPath = Path.GetFullPath(path);
        Directory.CreateDirectory(FullPath);
    }

    public string FullPath { get; }

    public IReadOnlyList<string> List() => Guarded(() => Directory.EnumerateFiles(FullPath).Select(file => Path.GetFileName(file)).ToArray());

    public byte[] ReadAll(string name) => Guarded(() => File.ReadAllBytes(Path.Combine(FullPath, name)));

    public IStoreFile Create(string name) => Guarded(() => new DiskFile(Path.Combine(FullPath, name), FileMode.Create));

    public IStoreFile Open(string name) => Guarded(() => new DiskFile(Path.Combine(FullPath, name), FileMode.Open));

    public void Rename(string from, string to)
    {
        Guarded(() =>
        {
            File.Move(Path.Combine(FullPath, from), Path.Combine(FullPath, to), overwrite: true);
            return true;
        });
        if (!OperatingSystem.IsWindows())
        {
            SyncDirectory(FullPath);
        }
    }

    public void Delete(string name) => Guarded(() =>
    {
        File.Delete(Path.Combine(FullPath, name));
        return true;
    });

    /// <summary>A missing permission is a failure of the disk like any other.</summary>
    private static T Guarded<T>(Func<T> operation)
    {
        try
        {
            return operation();
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    /// <summary>A rename is durable only once the directory is; .NET cannot open directories, so the C library is asked.</summary>
    private static void SyncDirectory(string path)
    {
        var descriptor = Open(path, 0);
        if (descriptor < 0)
        {
            throw new IOException($"Could not open the directory '{path}' to sync it: {Marshal.GetLastPInvokeErrorMessage()}.");
        }

        try
        {
            if (Fsync(descriptor) != 0)
            {
                throw new IOException($"Could not sync the directory '{path}': {Marshal.GetLastPInvokeErrorMessage()}.");
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static extern int Fsync(int descriptor);

    [DllImport("libc", EntryPoint = "close", SetLastError = true)]
    private static extern int Close(int descriptor);

    private sealed class DiskFile(string path, FileMode mode) : IStoreFile
    {
        private readonly SafeFileHandle _handle = File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);

        public void Write(long position, ReadOnlySpan<byte> bytes) => RandomAccess.Write(_handle, bytes, position);

        public void Truncate(long length) => RandomAccess.SetLength(_handle, length);

        public void Flush() => RandomAccess.FlushToDisk(_handle);

        public void Dispose() => _handle.Dispose();
    }
}
