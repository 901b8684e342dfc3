namespace OrleansStream.Storage.Compaction;

/// <summary>
/// The memory of one cleaner thread, used for one log after the other: the map of keys
/// (<c>log.cleaner.dedupe.buffer.size</c>), a block to read into and one to write from. Not thread-safe.
/// </summary>
/// <param name="dedupeBufferBytes">The most that the map of keys takes; smaller logs take less.</param>
public sealed class CompactionMemory(long dedupeBufferBytes)
{
    /// <summary>The block that is read at a time; a batch that is larger gets one of its own size for a while.</summary>
    internal const int BlockBytes = 1024 * 1024;

    private OffsetMap.Slot[] _slots = [];
    private byte[] _block = [];

    /// <summary>The most that the map of keys takes.</summary>
    public long DedupeBufferBytes { get; } = dedupeBufferBytes;

    internal OffsetMap CreateMap(long maxKeys) => OffsetMap.Create(ref _slots, DedupeBufferBytes, maxKeys);

    /// <summary>Takes the block; whoever has it gives one back.</summary>
    internal byte[] TakeBlock()
    {
        var block = _block.Length > 0 ? _block : GC.AllocateUninitializedArray<byte>(BlockBytes);
        _block = [];
        return block;
    }

    internal void ReturnBlock(byte[] block) => _block = block.Length == BlockBytes ? block : [];
}
