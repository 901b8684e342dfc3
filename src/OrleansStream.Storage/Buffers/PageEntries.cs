using OrleansStream.Protocol.Records;
using OrleansStream.Storage.Entries;

namespace OrleansStream.Storage.Buffers;

/// <summary>One piece of a batch: the header and the piece, with the offset and epoch stamped into the first.</summary>
internal readonly struct BatchPiece(
    EntryHeader header,
    ReadOnlyMemory<byte> piece,
    long baseOffset,
    int leaderEpoch) : IPageEntry
{
    public int Length => EntryHeader.LengthFor(piece.Length);

    public void WriteTo(Span<byte> destination, long address)
    {
        var payload = destination.Slice(EntryHeader.Size, piece.Length);
        piece.Span.CopyTo(payload);
        if (header.Kind == EntryKind.Batch)
        {
            RecordBatch.SetBaseOffset(payload, baseOffset);
            RecordBatch.SetPartitionLeaderEpoch(payload, leaderEpoch);
        }

        header.Write(destination, address);
    }
}

/// <summary>A truncation marker.</summary>
internal readonly struct MarkerEntry(EntryHeader header, ReadOnlyMemory<byte> payload) : IPageEntry
{
    public int Length => EntryHeader.LengthFor(payload.Length);

    public void WriteTo(Span<byte> destination, long address)
    {
        payload.Span.CopyTo(destination[EntryHeader.Size..]);
        header.Write(destination, address);
    }
}
