namespace OrleansStream.Metadata;

/// <summary>Another process uses the store's directory.</summary>
public sealed class MetadataLockedException : MetadataStoreException
{
    /// <summary>Names the directory and the process.</summary>
    public MetadataLockedException(string directory, int? processId, Exception innerException)
        : base(
            $"The metadata directory '{directory}' is in use by {(processId is { } pid ? $"the process with id {pid}" : "another process")}; stop it or use another directory.",
            innerException)
        => ProcessId = processId;

    /// <summary>The process that holds the directory; null if it is not known.</summary>
    public int? ProcessId { get; }
}
