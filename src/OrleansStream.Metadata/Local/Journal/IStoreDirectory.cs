namespace OrleansStream.Metadata.Local;

/// <summary>The few things that the journal asks of a disk. Failures are <see cref="IOException"/>s.</summary>
internal interface IStoreDirectory
{
    /// <summary>Where it is, for messages.</summary>
    string FullPath { get; }

    /// <summary>The names of the files.</summary>
    IReadOnlyList<string> List();

    /// <summary>A file's whole content.</summary>
    byte[] ReadAll(string name);

    /// <summary>Makes an empty file, replacing any of that name.</summary>
    IStoreFile Create(string name);

    /// <summary>Opens an existing file for writing.</summary>
    IStoreFile Open(string name);

    /// <summary>Renames a file over any of the new name; durable on return.</summary>
    void Rename(string from, string to);

    /// <summary>Deletes a file.</summary>
    void Delete(string name);
}

/// <summary>A file of an <see cref="IStoreDirectory"/>.</summary>
internal interface IStoreFile : IDisposable
{
    /// <summary>Writes bytes at a position; a failed write may have written some of them.</summary>
    void Write(long position, ReadOnlySpan<byte> bytes);

    /// <summary>Cuts the file.</summary>
    void Truncate(long length);

    /// <summary>Returns once all that was written is on stable storage.</summary>
    void Flush();
}
