using System.Buffers.Binary;
using OrleansStream.Protocol.Records;
using OrleansStream.Storage.Files;

namespace OrleansStream.Storage.Entries;

/// <summary>
/// Walks the entries in a piece of the log file. Pieces of a batch are moved together in place, so that a batch is one
/// span whatever pages it lies on.
/// </summary>
/// <param name="geometry">Pages and segments.</param>
/// <param name="raw">The bytes of the file; changed by the walk.</param>
/// <param name="rawAddress">The address of the first byte, an entry's or a page's start.</param>
/// <param name="startAfter">The address of the entry before; -1 if it is not known.</param>
/// <param name="verifyBatches">Whether the CRC of each batch is checked.</param>
internal ref struct EntryParser(LogGeometry geometry, Span<byte> raw, long rawAddress, long startAfter, bool verifyBatches)
{
    private readonly Span<byte> _raw = raw;
    private long _position;
    private long _pieceEnd;

    /// <summary>The address of the last entry read; a batch's last piece.</summary>
    public long PreviousAddress { get; private set; } = startAfter;

    /// <summary>The address after the last entry read: where the next one, or the padding before it, stands.</summary>
    public readonly long Address => rawAddress + _position;

    /// <summary>After <see cref="ParseStatus.NeedMore"/>: the bytes needed from <see cref="Address"/> on.</summary>
    public int NeededBytes { get; private set; }

    /// <summary>After <see cref="ParseStatus.Damaged"/>: where and what.</summary>
    public EntryDamage Damage { get; private set; }

    /// <summary>The bytes in the file that a batch can take.</summary>
    public static int RawBytesFor(LogGeometry geometry, int batchBytes) =>
        (int)Math.Min(Array.MaxLength, batchBytes + (((long)batchBytes / geometry.PageBytes) + 2) * 2 * EntryHeader.MinRoom);

    /// <summary>Continues at another address, over entries that are void.</summary>
    public void SkipTo(long address)
    {
        _position = address - rawAddress;
        PreviousAddress = -1;
    }

    /// <summary>Reads the next entry. The position moves only if there is one.</summary>
    public ParseStatus Next(out ParsedEntry entry)
    {
        entry = default;
        if (_position >= _raw.Length)
        {
            NeededBytes = EntryHeader.MinRoom;
            return ParseStatus.NeedMore;
        }

        var position = (int)_position;
        var status = NextPiece(ref position, PreviousAddress, out var first, out var at, out var payload);
        if (status != ParseStatus.Entry)
        {
            return status;
        }

        var startAddress = rawAddress + at;
        var previous = startAddress;
        var payloadStart = at + EntryHeader.LengthSize + EntryHeader.Size;
        if (first.Kind == EntryKind.Batch)
        {
            if (first.TotalSize < RecordBatchHeader.Size || payload > first.TotalSize || payload < RecordBatchHeader.Size)
            {
                return Damaged(startAddress, _pieceEnd, $"a batch of {first.TotalSize} bytes starts with a piece of {payload} bytes");
            }

            var filled = payload;
            while (filled < first.TotalSize)
            {
                status = NextPiece(ref position, previous, out var next, out var nextAt, out var nextPayload);
                if (status == ParseStatus.End)
                {
                    return Damaged(startAddress, Address, "the rest of the batch is missing", unwritten: true);
                }

                if (status != ParseStatus.Entry)
                {
                    Damage = Damage with { Address = startAddress };
                    NeededBytes = Math.Max(NeededBytes, RawBytesFor(geometry, first.TotalSize));
                    return status;
                }

                if (next.Kind != EntryKind.Continuation || next.TotalSize != first.TotalSize || filled + nextPayload > first.TotalSize)
                {
                    return Damaged(startAddress, _pieceEnd, $"a piece of a batch of {first.TotalSize} bytes is followed by {next.Kind} of {nextPayload} bytes");
                }

                _raw.Slice(nextAt + EntryHeader.LengthSize + EntryHeader.Size, nextPayload).CopyTo(_raw[(payloadStart + filled)..]);
                filled += nextPayload;
                previous = rawAddress + nextAt;
            }

            payload = filled;
            var batch = _raw.Slice(payloadStart, payload);
            if (BinaryPrimitives.ReadInt32BigEndian(batch[8..]) != payload - RecordBatchHeader.LogOverhead)
            {
                return Damaged(startAddress, _pieceEnd, "the batch has another length than its entry");
            }

            if (verifyBatches && !RecordBatch.VerifyCrc(batch))
            {
                return Damaged(startAddress, _pieceEnd, $"the CRC of the batch at offset {BinaryPrimitives.ReadInt64BigEndian(batch)} is wrong");
            }
        }

        PreviousAddress = previous;
        _position = position;
        entry = new ParsedEntry(first.Kind, startAddress, rawAddress + position, _raw.Slice(payloadStart, payload), startAddress - first.UndurableDistance);
        return ParseStatus.Entry;
    }

    private ParseStatus NextPiece(ref int position, long previousAddress, out EntryHeader header, out int at, out int payloadBytes)
    {
        header = default;
        payloadBytes = 0;
        at = position;
        var address = rawAddress + at;
        var room = (int)(geometry.PageEnd(address) - address);
        if (room < EntryHeader.MinRoom)
        {
            if (room >= EntryHeader.LengthSize && _raw.Length < at + EntryHeader.LengthSize)
            {
                NeededBytes = at - (int)_position + EntryHeader.LengthSize;
                return ParseStatus.NeedMore;
            }

            if (room < EntryHeader.LengthSize
                || BinaryPrimitives.ReadInt32LittleEndian(_raw[at..]) == 0
                || IsPaddingAllTheSame(at, room, previousAddress))
            {
                at += room;
                address += room;
                room = geometry.PageBytes;
            }
        }

        var piece = at <= _raw.Length ? _raw[at..] : [];
        if (piece.Length < EntryHeader.LengthSize)
        {
            NeededBytes = at - (int)_position + EntryHeader.MinRoom;
            return ParseStatus.NeedMore;
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(piece);
        if (length == 0)
        {
            return ParseStatus.End;
        }

        payloadBytes = EntryHeader.PayloadOf(length);
        if (payloadBytes <= 0 || payloadBytes > EntryHeader.PayloadIn(room))
        {
            return Damaged(address, address + EntryHeader.ProtectedSize(piece[EntryHeader.LengthSize..]), $"an entry has the length {length} with {room} bytes left in its page");
        }

        var available = piece[EntryHeader.LengthSize..Math.Min(piece.Length, EntryHeader.LengthSize + length)];
        if (EntryHeader.TryRead(available, length, address, out header) == false)
        {
            return Damaged(address, address + EntryHeader.ProtectedSize(available), "an entry's header does not verify");
        }

        if (available.Length < length)
        {
            NeededBytes = at - (int)_position + EntryHeader.LengthSize + length;
            return ParseStatus.NeedMore;
        }

        if (!EntryHeader.HasTrailer(available))
        {
            return Damaged(address, address + EntryHeader.LengthSize + length, "an entry's end was not written");
        }

        if (previousAddress >= 0 && address - header.PreviousDistance != previousAddress)
        {
            Damage = new EntryDamage(
                address,
                address + EntryHeader.LengthSize + length,
                $"an entry follows the one at {address - header.PreviousDistance}, not the one at {previousAddress}",
                Unwritten: false,
                MissingEntry: address - header.PreviousDistance);
            return ParseStatus.Damaged;
        }

        _pieceEnd = address + EntryHeader.LengthSize + length;

        // Only whole allocations count, so that an entry and its padding end where the next one starts.
        position = Math.Min(at + EntryHeader.AllocationFor(payloadBytes), at + room);
        return ParseStatus.Entry;
    }

    /// <summary>
    /// Whether bytes at the end of a page, although they are not zero, are padding: no entry, and the next page goes on
    /// from the entry before.
    /// </summary>
    private readonly bool IsPaddingAllTheSame(int at, int room, long previousAddress) =>
        previousAddress >= 0
        && !TryReadEntry(at, room, out _)
        && TryReadEntry(at + room, geometry.PageBytes, out var next)
        && rawAddress + at + room - next.PreviousDistance == previousAddress;

    private readonly bool TryReadEntry(int at, int room, out EntryHeader header)
    {
        header = default;
        if (at + EntryHeader.LengthSize > _raw.Length)
        {
            return false;
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(_raw[at..]);
        return length > 0
            && EntryHeader.LengthSize + (long)length <= Math.Min(room, _raw.Length - at)
            && EntryHeader.TryRead(_raw.Slice(at + EntryHeader.LengthSize, length), length, rawAddress + at, out header) == true;
    }

    private ParseStatus Damaged(long address, long endAddress, string reason, bool unwritten = false)
    {
        Damage = new EntryDamage(address, endAddress, reason, unwritten);
        return ParseStatus.Damaged;
    }
}

/// <summary>What the parser found.</summary>
internal enum ParseStatus
{
    /// <summary>An entry.</summary>
    Entry,

    /// <summary>The buffer ends before the entry does.</summary>
    NeedMore,

    /// <summary>Bytes that were never written.</summary>
    End,

    /// <summary>Bytes that are not an entry.</summary>
    Damaged,
}

/// <summary>An entry, its pieces put together.</summary>
internal readonly ref struct ParsedEntry(EntryKind kind, long address, long endAddress, Span<byte> payload, long durableBefore)
{
    public EntryKind Kind { get; } = kind;

    /// <summary>Where its first piece stands.</summary>
    public long Address { get; } = address;

    /// <summary>Where the next entry, or the padding before it, stands.</summary>
    public long EndAddress { get; } = endAddress;

    public Span<byte> Payload { get; } = payload;

    /// <summary>Everything below this address was durable when the entry was appended.</summary>
    public long DurableBefore { get; } = durableBefore;
}

/// <summary>Bytes that are not what they should be.</summary>
/// <param name="Address">The entry's start.</param>
/// <param name="EndAddress">Where the part that was judged ends.</param>
/// <param name="Reason">What is wrong.</param>
/// <param name="Unwritten">Pieces are missing where nothing was ever written.</param>
/// <param name="MissingEntry">The address of an entry that a valid one names as the one before it; -1 for other damage.</param>
internal readonly record struct EntryDamage(long Address, long EndAddress, string Reason, bool Unwritten, long MissingEntry = -1);
