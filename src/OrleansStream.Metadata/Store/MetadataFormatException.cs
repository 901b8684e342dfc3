namespace OrleansStream.Metadata;

/// <summary>A file of the store is of a newer format than this version reads.</summary>
public sealed class MetadataFormatException : MetadataStoreException
{
    /// <summary>Names the file and both versions.</summary>
    public MetadataFormatException(string file, long version, int supported)
        : base($"The metadata file '{file}' has format version {version}; this version of OrleansStream reads up to {supported}. Use the version that wrote it, or a newer one.")
    {
    }
}
