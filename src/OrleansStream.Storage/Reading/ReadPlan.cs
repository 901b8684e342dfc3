using OrleansStream.Storage.Buffers;
using OrleansStream.Storage.Compaction;
using OrleansStream.Storage.Files;
using OrleansStream.Storage.Indexes;

namespace OrleansStream.Storage.Reading;

/// <summary>A read and the state of the log when it began.</summary>
/// <param name="Offset">The first offset that is wanted.</param>
/// <param name="MaxOffset">Only batches that lie wholly below are returned.</param>
/// <param name="MaxBytes">The most to return.</param>
/// <param name="MinOneMessage">Whether the first batch is returned even if it is larger.</param>
/// <param name="GoesOn">Whether an earlier read ended at the offset.</param>
/// <param name="Address">Where to look first: the start of a block that reaches the offset; -1 if there is none.</param>
/// <param name="EndAddress">The end of the last entry.</param>
/// <param name="FlushedAddress">What lies below is on stable storage.</param>
/// <param name="DiskLimit">What lies below can be read from the files.</param>
/// <param name="Buffer">The memory at the tail, if the log has any.</param>
/// <param name="Voids">What does not count.</param>
/// <param name="Files">The files to read.</param>
/// <param name="Part">The compacted part, if they are its files.</param>
/// <param name="Layout">What the addresses belong to.</param>
internal readonly record struct ReadPlan(
    long Offset,
    long MaxOffset,
    int MaxBytes,
    bool MinOneMessage,
    bool GoesOn,
    long Address,
    long EndAddress,
    long FlushedAddress,
    long DiskLimit,
    TailBuffer? Buffer,
    VoidRanges Voids,
    SegmentFiles Files,
    CompactedPart? Part,
    int Layout)
{
    /// <summary>Where the caller wants what is read from memory; null for an array of its own.</summary>
    public Func<int, Memory<byte>>? Allocate { get; init; }
}
