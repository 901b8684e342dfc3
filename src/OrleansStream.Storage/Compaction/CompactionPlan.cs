using OrleansStream.Storage.Indexes;

namespace OrleansStream.Storage.Compaction;

/// <summary>What a pass works on, and the state of the log when it began.</summary>
/// <param name="Part">The compacted part so far.</param>
/// <param name="TailStart">Where the log goes on behind it.</param>
/// <param name="CutAddress">Where the log is to go on behind the new one.</param>
/// <param name="CutOffset">The first offset behind the new one.</param>
/// <param name="DirtyOffset">The first offset that has not been compacted.</param>
/// <param name="DirtyAddressInPart">Where in the compacted part so far that offset is, or the block that reaches it.</param>
/// <param name="CleanBytes">The bytes before it.</param>
/// <param name="DirtyBytes">The bytes from there to the cut.</param>
/// <param name="EarliestTimestamp">The smallest of the largest timestamps of the blocks that are not compacted.</param>
/// <param name="LogStartOffset">What lies below is not read.</param>
/// <param name="LogEndOffset">The end of the log.</param>
/// <param name="FlushedAddress">What lies below is on stable storage.</param>
/// <param name="Voids">The void ranges.</param>
/// <param name="TailTruncations">Changes when a tail truncation makes the pass useless.</param>
internal readonly record struct CompactionPlan(
    CompactedPart? Part,
    long TailStart,
    long CutAddress,
    long CutOffset,
    long DirtyOffset,
    long DirtyAddressInPart,
    long CleanBytes,
    long DirtyBytes,
    long EarliestTimestamp,
    long LogStartOffset,
    long LogEndOffset,
    long FlushedAddress,
    VoidRanges Voids,
    int TailTruncations);
