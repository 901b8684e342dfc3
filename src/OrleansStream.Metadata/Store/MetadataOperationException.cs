namespace OrleansStream.Metadata;

/// <summary>An operation that its caller needed to succeed did not.</summary>
public sealed class MetadataOperationException : MetadataStoreException
{
    /// <summary>Names the outcome and the path.</summary>
    public MetadataOperationException(MetadataError error, string path)
        : base($"The operation on '{path}' of the metadata store ended with {error}.")
    {
        Error = error;
        Path = path;
    }

    /// <summary>The outcome.</summary>
    public MetadataError Error { get; }

    /// <summary>The path.</summary>
    public string Path { get; }
}
