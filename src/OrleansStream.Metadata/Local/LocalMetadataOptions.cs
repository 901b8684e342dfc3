namespace OrleansStream.Metadata.Local;

/// <summary>How a <see cref="LocalMetadataDatabase"/> is kept.</summary>
public sealed record LocalMetadataOptions
{
    /// <summary>The directory of its files; made if it does not exist.</summary>
    public required string Directory { get; init; }

    /// <summary>The size in bytes at which the journal is replaced by a snapshot and a new journal; 16 MiB by default, at least 4 KiB.</summary>
    public long MaxJournalBytes { get; init; } = 16 * 1024 * 1024;
}
