using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace OrleansStream.Protocol.Records;

/// <summary>The encoding of a record. Room is made once per record; from there on nothing is checked twice.</summary>
public sealed partial class RecordBatchBuilder
{
    /// <summary>Writes all of a record but the bytes of its value, and returns the room for these.</summary>
    private Span<byte> AppendCore(long timestampMs, int offsetDelta, NullableSpan key, int valueWireLength, ReadOnlySpan<RecordHeader> headers)
    {
        if (_isWritingValue)
        {
            ThrowValueIsBeingWritten();
        }

        var timestampDelta = _count == 0 && !_isRewriting ? 0 : unchecked(timestampMs - _baseTimestamp);
        var valueLength = Math.Max(valueWireLength, 0);
        var bodySize = 1L
            + VarInt.SizeOfInt64(timestampDelta)
            + VarInt.SizeOfInt32(offsetDelta)
            + VarInt.SizeOfInt32(key.WireLength) + key.Length
            + VarInt.SizeOfInt32(valueWireLength) + valueLength
            + SizeOfHeaders(headers);
        EnsureRoom(bodySize + VarInt.MaxSizeOfInt32);

        ref var start = ref MemoryMarshal.GetArrayDataReference(_buffer);
        ref var place = ref Unsafe.Add(ref start, _position);
        place = ref VarInt.WriteUnchecked(ref place, VarInt.ZigZag((int)bodySize));
        place = 0;
        place = ref VarInt.WriteUnchecked(ref Unsafe.Add(ref place, 1), VarInt.ZigZag(timestampDelta));
        place = ref VarInt.WriteUnchecked(ref place, VarInt.ZigZag(offsetDelta));
        place = ref VarInt.WriteUnchecked(ref place, VarInt.ZigZag(key.WireLength));
        place = ref WriteBytes(ref place, key.Span);
        place = ref VarInt.WriteUnchecked(ref place, VarInt.ZigZag(valueWireLength));
        var valuePosition = (int)Unsafe.ByteOffset(ref start, ref place);
        place = ref Unsafe.Add(ref place, valueLength);
        place = ref WriteHeaders(ref place, headers);
        _position = (int)Unsafe.ByteOffset(ref start, ref place);
        RecordAppended(timestampMs, offsetDelta);
        return _buffer.AsSpan(valuePosition, valueLength);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void RecordAppended(long timestampMs, int offsetDelta)
    {
        if (_count == 0)
        {
            _baseTimestamp = _isRewriting ? _baseTimestamp : timestampMs;
            _maxTimestamp = timestampMs;
        }
        else if (timestampMs > _maxTimestamp)
        {
            _maxTimestamp = timestampMs;
        }

        _count++;
        _lastOffsetDelta = offsetDelta;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long SizeOfHeaders(ReadOnlySpan<RecordHeader> headers) => headers.IsEmpty ? 1 : SizeOfHeadersSlow(headers);

    private static long SizeOfHeadersSlow(ReadOnlySpan<RecordHeader> headers)
    {
        long size = VarInt.SizeOfInt32(headers.Length);
        foreach (var header in headers)
        {
            var keyLength = Encoding.UTF8.GetByteCount(header.Key);
            size += VarInt.SizeOfInt32(keyLength) + keyLength;
            size += header.Value is { } value ? VarInt.SizeOfInt32(value.Length) + value.Length : 1;
        }

        return size;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref byte WriteHeaders(ref byte place, ReadOnlySpan<RecordHeader> headers)
    {
        if (headers.IsEmpty)
        {
            place = 0;
            return ref Unsafe.Add(ref place, 1);
        }

        return ref WriteHeadersSlow(ref place, headers);
    }

    private static ref byte WriteHeadersSlow(ref byte place, ReadOnlySpan<RecordHeader> headers)
    {
        place = ref VarInt.WriteUnchecked(ref place, VarInt.ZigZag(headers.Length));
        foreach (var header in headers)
        {
            var keyLength = Encoding.UTF8.GetByteCount(header.Key);
            place = ref VarInt.WriteUnchecked(ref place, VarInt.ZigZag(keyLength));
            Encoding.UTF8.GetBytes(header.Key, MemoryMarshal.CreateSpan(ref place, keyLength));
            place = ref Unsafe.Add(ref place, keyLength);
            var value = NullableSpan.From(header.Value);
            place = ref VarInt.WriteUnchecked(ref place, VarInt.ZigZag(value.WireLength));
            place = ref WriteBytes(ref place, value.Span);
        }

        return ref place;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref byte WriteBytes(ref byte place, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(MemoryMarshal.CreateSpan(ref place, bytes.Length));
        return ref Unsafe.Add(ref place, bytes.Length);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void EnsureRoom(long bytes)
    {
        if (_buffer.Length - _position < bytes)
        {
            Grow(bytes);
        }
    }

    private void Grow(long bytes)
    {
        var needed = _position + bytes;
        if (needed > MaxBatchBytes)
        {
            Malformed.TooLarge($"The batch would have {needed} bytes with this record; at most {MaxBatchBytes} are possible.");
        }

        var capacity = Math.Max(Math.Max(needed, _initialCapacity), Math.Min(_buffer.Length * 2L, MaxBatchBytes));
        var larger = ArrayPool<byte>.Shared.Rent((int)capacity);
        var old = _buffer;
        old.AsSpan(0, Math.Min(_position, old.Length)).CopyTo(larger);
        _buffer = larger;
        if (old.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(old);
        }
    }
}
