using System.Buffers.Binary;
using System.Runtime.InteropServices;
using OrleansStream.Protocol.Records;
using OrleansStream.Storage.Checkpoints;
using OrleansStream.Storage.Entries;
using OrleansStream.Storage.Files;
using OrleansStream.Storage.Indexes;

namespace OrleansStream.Storage.Compaction;

/// <summary>
/// Writes the files of a new generation: the same entries as an append makes, through a block of its own instead of the
/// log's buffer. Nothing of it counts before the manifest names it.
/// </summary>
internal sealed class CompactedWriter : IDisposable
{
    private readonly SegmentFiles _files;
    private readonly int _indexIntervalBytes;
    private readonly Memory<byte> _block;
    private long _blockStart;
    private long _previousEntry = -1;

    public CompactedWriter(SegmentFiles files, int indexIntervalBytes)
    {
        _files = files;
        _indexIntervalBytes = indexIntervalBytes;
        Index = new SparseIndex(files.Geometry);

        // Aligned, so that the device takes it past the page cache.
        var bytes = Math.Max(CompactionMemory.BlockBytes, files.Geometry.PageBytes);
        var array = GC.AllocateArray<byte>(bytes + AlignedBuffer.Alignment, pinned: true);
        var misaligned = (int)(Marshal.UnsafeAddrOfPinnedArrayElement(array, 0) & (AlignedBuffer.Alignment - 1));
        _block = array.AsMemory(misaligned == 0 ? 0 : AlignedBuffer.Alignment - misaligned, bytes);
    }

    /// <summary>The index of what was written.</summary>
    public SparseIndex Index { get; }

    /// <summary>The address after the last entry.</summary>
    public long EndAddress { get; private set; } = LogGeometry.FirstAddress;

    /// <summary>The largest timestamp of the batches; -1 if there is none.</summary>
    public long MaxTimestamp { get; private set; } = -1;

    /// <summary>The last offset of the batch that has it.</summary>
    public long MaxTimestampOffset { get; private set; } = -1;

    /// <summary>Adds a batch.</summary>
    public void Append(ReadOnlySpan<byte> batch, in RecordBatchHeader header)
    {
        var geometry = _files.Geometry;
        var address = -1L;
        for (var appended = 0; appended < batch.Length;)
        {
            var remaining = batch.Length - appended;
            if (geometry.PageEnd(EndAddress) - EndAddress < EntryHeader.AllocationFor(Math.Min(remaining, EntryHeader.MinPiece)))
            {
                MoveTo(geometry.PageEnd(EndAddress));
            }

            var at = EndAddress;
            var piece = Math.Min(remaining, EntryHeader.PayloadIn((int)(geometry.PageEnd(at) - at)));
            Write(address < 0 ? EntryKind.Batch : EntryKind.Continuation, at, batch.Slice(appended, piece), batch.Length);
            address = address < 0 ? at : address;
            appended += piece;
        }

        Index.Append(header.BaseOffset, address, header.MaxTimestamp, _indexIntervalBytes);
        if (header.MaxTimestamp > MaxTimestamp)
        {
            MaxTimestamp = header.MaxTimestamp;
            MaxTimestampOffset = header.LastOffset;
        }
    }

    /// <summary>Brings the rest and the index to stable storage.</summary>
    public void Complete()
    {
        var geometry = _files.Geometry;
        if (EndAddress == LogGeometry.FirstAddress)
        {
            return;
        }

        var length = (int)(EndAddress - _blockStart);
        if (length > 0)
        {
            WriteBlock((length + AlignedBuffer.Alignment - 1) & ~(AlignedBuffer.Alignment - 1));
        }

        _files.CloseWriter();
        for (var segment = 0; segment <= geometry.SegmentOf(EndAddress - 1); segment++)
        {
            SegmentIndexFile.Save(_files, segment, Index.Between(geometry.SegmentStart(segment), geometry.SegmentStart(segment + 1)));
        }
    }

    public void Dispose() => _files.CloseWriter();

    private void Write(EntryKind kind, long at, ReadOnlySpan<byte> payload, int totalSize)
    {
        var entry = _block.Span[(int)(at - _blockStart)..];
        var length = EntryHeader.LengthFor(payload.Length);
        BinaryPrimitives.WriteInt32LittleEndian(entry, length);
        entry = entry.Slice(EntryHeader.LengthSize, length);
        payload.CopyTo(entry[EntryHeader.Size..]);
        var distance = _previousEntry < 0 ? 0 : (uint)(at - _previousEntry);
        new EntryHeader(kind, distance, UndurableDistance: (uint)Math.Min(uint.MaxValue, at - _blockStart), totalSize).Write(entry, at);
        _previousEntry = at;
        MoveTo(at + EntryHeader.AllocationFor(payload.Length));
    }

    private void MoveTo(long address)
    {
        EndAddress = address;
        if (address - _blockStart == _block.Length)
        {
            WriteBlock(_block.Length);
            _block.Span.Clear();
            _blockStart = address;
        }
    }

    private void WriteBlock(int length) => _files.Write([_block[..length]], _blockStart);
}
