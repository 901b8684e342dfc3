namespace OrleansStream.Storage.Files;

/// <summary>
/// The file system as logs use it: every durable step is explicit, so that tests can inject faults and simulate power
/// losses. Errors are the framework's I/O exceptions.
/// </summary>
public interface ILogFileSystem
{
    /// <summary>Makes a directory and its parents; their names are on stable storage when it returns.</summary>
    void CreateDirectory(string path);

    /// <summary>The files of a directory; empty if there is no such directory.</summary>
    IReadOnlyList<LogFileEntry> List(string directory);

    /// <summary>Opens an existing file to read from it.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    ILogFile OpenRead(string path);

    /// <summary>Opens a file to write to it, and makes it if need be; a new file's name is on stable storage when it returns.</summary>
    ILogFile OpenWrite(string path);

    /// <summary>The content of a file; null if there is none.</summary>
    byte[]? TryReadAllBytes(string path);

    /// <summary>
    /// Replaces a file, or makes it: after a crash there is the old or the new content, never a mixture, and the new one
    /// once the call has returned.
    /// </summary>
    void Replace(string path, ReadOnlySpan<byte> content);

    /// <summary>Deletes a file if it is there; durable after <see cref="SyncDirectory"/>.</summary>
    void Delete(string path);

    /// <summary>Brings the names in a directory to stable storage.</summary>
    void SyncDirectory(string path);

    /// <summary>Renames a directory within its parent; durable when it returns.</summary>
    void MoveDirectory(string source, string destination);

    /// <summary>Deletes a directory and what is in it.</summary>
    void DeleteDirectory(string path);

    /// <summary>The paths of the directories in a directory; empty if there is no such directory.</summary>
    IReadOnlyList<string> ListDirectories(string path);
}

/// <summary>A file in a directory.</summary>
/// <param name="Name">The name without the directory.</param>
/// <param name="Length">Its length in bytes.</param>
public readonly record struct LogFileEntry(string Name, long Length);
