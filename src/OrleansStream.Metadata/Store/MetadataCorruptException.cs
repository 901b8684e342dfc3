namespace OrleansStream.Metadata;

/// <summary>A file of the store is damaged in a way that no crash leaves behind. The store does not open, so that nothing is lost silently.</summary>
public sealed class MetadataCorruptException : MetadataStoreException
{
    /// <summary>Names the file and the place.</summary>
    public MetadataCorruptException(string file, long offset, string problem)
        : base($"The metadata file '{file}' is corrupt at byte {offset}: {problem}. Restore the metadata directory from a backup; nothing was changed.")
    {
        File = file;
        Offset = offset;
    }

    /// <summary>The file.</summary>
    public string File { get; }

    /// <summary>The byte at which the damage starts.</summary>
    public long Offset { get; }
}
