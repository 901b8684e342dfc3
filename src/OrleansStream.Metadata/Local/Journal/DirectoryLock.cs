using System.Globalization;

namespace OrleansStream.Metadata.Local;

/// <summary>Holds a directory for this process. The operating system lets go of it when the process dies, however it dies.</summary>
internal sealed class DirectoryLock : IDisposable
{
    private const string LockName = "lock";
    private const string OwnerName = "lock.owner";

    private readonly FileStream _lock;

    private DirectoryLock(FileStream held) => _lock = held;

    /// <exception cref="MetadataLockedException">Somebody else holds the directory.</exception>
    public static DirectoryLock Acquire(string directory)
    {
        Directory.CreateDirectory(directory);
        var path = Path.Combine(directory, LockName);
        FileStream held;
        try
        {
            held = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (File.Exists(path))
        {
            throw new MetadataLockedException(Path.GetFullPath(directory), ReadOwner(directory), e);
        }

        // The lock file itself cannot be read while it is held, so its owner is written beside it.
        try
        {
            File.WriteAllText(Path.Combine(directory, OwnerName), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        }
        catch
        {
            held.Dispose();
            throw;
        }

        return new DirectoryLock(held);
    }

    public void Dispose() => _lock.Dispose();

    private static int? ReadOwner(string directory)
    {
        try
        {
            return int.TryParse(File.ReadAllText(Path.Combine(directory, OwnerName)), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : null;
        }
        catch (IOException)
        {
            // The message then says "another process".
            return null;
        }
    }
}
