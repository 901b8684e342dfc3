namespace OrleansStream.Storage.Indexes;

/// <summary>
/// One block of batches in the sparse index: it reaches to the next entry, and stays within one segment.
/// </summary>
/// <param name="Offset">The base offset of the block's first batch.</param>
/// <param name="Address">The address of that batch.</param>
/// <param name="MaxTimestamp">The largest timestamp in the block; too large, never too small, after a tail truncation.</param>
internal readonly record struct IndexEntry(long Offset, long Address, long MaxTimestamp)
{
    /// <summary>Bytes of an entry in memory and on disk.</summary>
    public const int Size = 24;
}
