namespace OrleansStream.Metadata.Layout;

/// <summary>A node does not hold what its place in the layout demands.</summary>
public sealed class ZNodeFormatException : MetadataStoreException
{
    /// <summary>Names the node and the problem.</summary>
    public ZNodeFormatException(string path, string problem, Exception? innerException = null)
        : base($"The node '{path}' of the metadata store is malformed: {problem}", innerException)
        => Path = path;

    /// <summary>The node.</summary>
    public string Path { get; }
}
