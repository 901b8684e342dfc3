using System.Buffers.Binary;
using OrleansStream.Protocol.Records;
using OrleansStream.Storage.Buffers;
using OrleansStream.Storage.Entries;
using OrleansStream.Storage.Files;

namespace OrleansStream.Storage.Reading;

/// <summary>
/// Reads from the pages of the buffer, in place. A page may be reused at any moment, so nothing that is read counts
/// before <see cref="TailBuffer.IsStillInMemory"/> has confirmed it.
/// </summary>
internal static class MemoryReader
{
    /// <summary>Reads; false if what is wanted is not, or no longer, in memory.</summary>
    public static bool TryRead(in ReadPlan plan, out FoundBatches found)
    {
        found = default;
        if (plan.Buffer is not { } buffer || plan.Address < buffer.MemoryStart)
        {
            return false;
        }

        if (!TryMeasure(plan, buffer, out var measured))
        {
            return buffer.IsStillInMemory(plan.Address)
                ? throw new InvalidOperationException($"{plan.Files.Directory}: the buffer holds no entry at address {plan.Address}.")
                : false;
        }

        if (measured.Length == 0)
        {
            found = new FoundBatches(default, 0, 0, 0, IsAtEnd: true);
            return buffer.IsStillInMemory(plan.Address);
        }

        var records = plan.Allocate?.Invoke(measured.Length) ?? GC.AllocateUninitializedArray<byte>(measured.Length);
        var copied = TryCopy(plan, buffer, measured.FirstAddress, records.Span);
        if (!buffer.IsStillInMemory(measured.FirstAddress))
        {
            return false;
        }

        if (!copied)
        {
            throw new InvalidOperationException($"{plan.Files.Directory}: the buffer holds no entry after address {measured.FirstAddress}.");
        }

        found = new FoundBatches(records, measured.FirstAddress, measured.NextOffset, measured.NextAddress, IsAtEnd: true);
        return true;
    }

    /// <summary>Finds the first batch of a read and how many bytes the read may return.</summary>
    private static bool TryMeasure(in ReadPlan plan, TailBuffer buffer, out Measured measured)
    {
        measured = default;
        var address = plan.Address;
        while (address < plan.EndAddress)
        {
            if (plan.Voids.Contains(address, out var until))
            {
                address = until;
                continue;
            }

            if (!TryPeek(plan.Files.Geometry, buffer, ref address, out var piece, out var next))
            {
                return false;
            }

            if (plan.Voids.Contains(address, out until))
            {
                address = until;
                continue;
            }

            if (piece.Kind != EntryKind.Batch)
            {
                address = next;
                continue;
            }

            if (!RecordBatchHeader.TryRead(piece.Payload, out var header) || piece.TotalSize < RecordBatchHeader.Size)
            {
                return false;
            }

            var first = address;
            address = next;
            for (var filled = piece.Payload.Length; filled < piece.TotalSize;)
            {
                if (!TryPeek(plan.Files.Geometry, buffer, ref address, out var more, out next) || more.Kind != EntryKind.Continuation)
                {
                    return false;
                }

                filled += more.Payload.Length;
                address = next;
            }

            if (header.LastOffset < plan.Offset)
            {
                continue;
            }

            if (header.LastOffset >= plan.MaxOffset
                || (measured.Length + (long)piece.TotalSize > plan.MaxBytes && (measured.Length > 0 || !plan.MinOneMessage)))
            {
                break;
            }

            measured = new Measured(
                measured.Length + piece.TotalSize,
                measured.Length == 0 ? first : measured.FirstAddress,
                header.NextOffset,
                address);
        }

        return true;
    }

    private static bool TryCopy(in ReadPlan plan, TailBuffer buffer, long address, Span<byte> records)
    {
        while (records.Length > 0)
        {
            if (plan.Voids.Contains(address, out var until))
            {
                address = until;
            }

            if (!TryPeek(plan.Files.Geometry, buffer, ref address, out var piece, out var next))
            {
                return false;
            }

            if (plan.Voids.Contains(address, out until))
            {
                address = until;
                continue;
            }

            address = next;
            if (piece.Kind is EntryKind.Batch or EntryKind.Continuation)
            {
                if (piece.Payload.Length > records.Length)
                {
                    return false;
                }

                piece.Payload.CopyTo(records);
                records = records[piece.Payload.Length..];
            }
        }

        return true;
    }

    /// <summary>Looks at the entry at an address, or after the padding there. Trusts nothing: the page may be changing.</summary>
    private static bool TryPeek(LogGeometry geometry, TailBuffer buffer, ref long address, out Piece piece, out long next)
    {
        piece = default;
        next = 0;
        var room = (int)(geometry.PageEnd(address) - address);
        var bytes = buffer.TryReadPage(address);
        if (room < EntryHeader.MinRoom && (bytes.Length < EntryHeader.LengthSize || BinaryPrimitives.ReadInt32LittleEndian(bytes) == 0))
        {
            address += room;
            room = geometry.PageBytes;
            bytes = buffer.TryReadPage(address);
        }

        if (bytes.Length < EntryHeader.LengthSize + EntryHeader.Size)
        {
            return false;
        }

        var payload = EntryHeader.PayloadOf(BinaryPrimitives.ReadInt32LittleEndian(bytes));
        if (payload <= 0 || payload > EntryHeader.PayloadIn(room))
        {
            return false;
        }

        var entry = bytes[EntryHeader.LengthSize..];
        piece = new Piece((EntryKind)entry[4], BinaryPrimitives.ReadInt32LittleEndian(entry[16..]), entry.Slice(EntryHeader.Size, payload));
        next = Math.Min(address + EntryHeader.AllocationFor(payload), address + room);
        return true;
    }

    private readonly record struct Measured(int Length, long FirstAddress, long NextOffset, long NextAddress);

    private readonly ref struct Piece(EntryKind kind, int totalSize, ReadOnlySpan<byte> payload)
    {
        public EntryKind Kind { get; } = kind;

        public int TotalSize { get; } = totalSize;

        public ReadOnlySpan<byte> Payload { get; } = payload;
    }
}
