using Microsoft.Win32.SafeHandles;

namespace OrleansStream.Storage.Files;

/// <summary>The machine's file system.</summary>
public sealed class PhysicalLogFileSystem : ILogFileSystem
{
    private PhysicalLogFileSystem()
    {
    }

    /// <summary>The only instance.</summary>
    public static PhysicalLogFileSystem Instance { get; } = new();

    /// <inheritdoc/>
    public void CreateDirectory(string path)
    {
        path = Path.GetFullPath(path);
        if (Directory.Exists(path))
        {
            return;
        }

        var parent = Path.GetDirectoryName(path);
        if (parent is not null)
        {
            CreateDirectory(parent);
        }

        Directory.CreateDirectory(path);
        if (parent is not null)
        {
            DirectorySync.Sync(parent);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<LogFileEntry> List(string directory)
    {
        var info = new DirectoryInfo(directory);
        return info.Exists ? [.. info.EnumerateFiles().Select(file => new LogFileEntry(file.Name, file.Length))] : [];
    }

    /// <inheritdoc/>
    public ILogFile OpenRead(string path) =>
        new PhysicalReadFile(File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete), path);

    /// <inheritdoc/>
    public ILogFile OpenWrite(string path)
    {
        var handle = OpenWriteThrough(path, FileMode.OpenOrCreate);
        try
        {
            // Nothing was written to it yet: its name may not be on stable storage, also when it is an earlier process's that was
            // killed before it could see to that.
            if (RandomAccess.GetLength(handle) == 0)
            {
                DirectorySync.Sync(DirectoryOf(path));
            }

            if (DirectFile.TryOpen(path, forWriting: true) is not { } direct)
            {
                return new PhysicalLogFile(handle);
            }

            handle.Dispose();
            return new PhysicalLogFile(direct, () => OpenWriteThrough(path, FileMode.Open));
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public byte[]? TryReadAllBytes(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public void Replace(string path, ReadOnlySpan<byte> content)
    {
        var temporary = path + ".tmp";
        using (var handle = OpenWriteThrough(temporary, FileMode.Create))
        {
            RandomAccess.Write(handle, content, 0);
        }

        File.Move(temporary, path, overwrite: true);
        DirectorySync.Sync(DirectoryOf(path));
    }

    /// <inheritdoc/>
    public void Delete(string path) => File.Delete(path);

    /// <inheritdoc/>
    public void SyncDirectory(string path) => DirectorySync.Sync(path);

    /// <inheritdoc/>
    public void MoveDirectory(string source, string destination)
    {
        Directory.Move(source, destination);
        DirectorySync.Sync(DirectoryOf(destination));
    }

    /// <inheritdoc/>
    public void DeleteDirectory(string path) => Directory.Delete(path, recursive: true);

    /// <inheritdoc/>
    public IReadOnlyList<string> ListDirectories(string path) => Directory.Exists(path) ? Directory.GetDirectories(path) : [];

    private static SafeFileHandle OpenWriteThrough(string path, FileMode mode) =>
        File.OpenHandle(path, mode, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, FileOptions.WriteThrough);

    private static string DirectoryOf(string path) => Path.GetDirectoryName(Path.GetFullPath(path)) ?? path;
}
