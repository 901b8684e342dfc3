using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using OrleansStream.Protocol.Compression;

namespace OrleansStream.Protocol.Records;

/// <summary>
/// Builds record batches. Records go straight into a pooled buffer in their wire format: nothing is allocated per
/// record. <see cref="Close()"/> completes the batch and hands the buffer over, after which the builder starts on the
/// next batch. Not thread-safe.
/// </summary>
public sealed partial class RecordBatchBuilder : IDisposable
{
    /// <summary>The most bytes that a record without headers takes beyond its key and value.</summary>
    public const int MaxRecordOverhead = 1 + (5 * VarInt.MaxSizeOfInt32) + VarInt.MaxSizeOfInt64;

    /// <summary>What a batch may hold at most before compression.</summary>
    public const int MaxBatchBytes = 1 << 30;

    private readonly CompressionType _compressionType;
    private readonly int? _compressionLevel;
    private readonly int _initialCapacity;

    private byte[] _buffer = [];
    private int _position = RecordBatchHeader.Size;
    private int _count;
    private int _lastOffsetDelta = -1;
    private long _baseTimestamp;
    private long _maxTimestamp;

    /// <summary>Creates a builder.</summary>
    /// <param name="compressionType">How the batches are compressed when they are closed.</param>
    /// <param name="compressionLevel">The codec's level; null for its default.</param>
    /// <param name="initialCapacity">The size of the first rental in bytes; the buffer grows by doubling.</param>
    public RecordBatchBuilder(CompressionType compressionType = CompressionType.None, int? compressionLevel = null, int initialCapacity = 16 * 1024)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((int)compressionType, (int)CompressionType.Zstd);
        ArgumentOutOfRangeException.ThrowIfNegative(initialCapacity);
        if (compressionType != CompressionType.None)
        {
            CompressionCodecs.ResolveLevel(CompressionCodecs.Get(compressionType), compressionLevel);
        }

        _compressionType = compressionType;
        _compressionLevel = compressionLevel;
        _initialCapacity = Math.Max(initialCapacity, RecordBatchHeader.Size);
    }

    /// <summary>The number of records so far.</summary>
    public int RecordCount => _count;

    /// <summary>True before the first record.</summary>
    public bool IsEmpty => _count == 0;

    /// <summary>The batch's size so far, header included, before compression.</summary>
    public int SizeInBytes => _position;

    /// <summary>The largest size that <see cref="TryAppend"/> lets the batch grow to, before compression: batch.size.</summary>
    public int SizeLimit { get; set; } = MaxBatchBytes;

    /// <summary>The batches are part of a transaction.</summary>
    public bool IsTransactional { get; set; }

    /// <summary>The batches hold control records.</summary>
    public bool IsControl { get; set; }

    /// <summary>An upper bound, cheap to compute, of what a record takes in a batch.</summary>
    /// <param name="keyLength">The key's length; 0 or -1 for none.</param>
    /// <param name="valueLength">The value's length; 0 or -1 for none.</param>
    /// <param name="headers">The headers.</param>
    public static long MaxSizeOf(int keyLength, int valueLength, ReadOnlySpan<RecordHeader> headers = default)
    {
        var size = (long)MaxRecordOverhead + Math.Max(keyLength, 0) + Math.Max(valueLength, 0);
        foreach (var header in headers)
        {
            size += (2 * VarInt.MaxSizeOfInt32) + Encoding.UTF8.GetMaxByteCount(header.Key.Length) + (header.Value?.Length ?? 0);
        }

        return size;
    }

    /// <summary>Whether a record surely fits within <see cref="SizeLimit"/>; the first record of a batch always does.</summary>
    public bool HasRoomFor(int keyLength, int valueLength, ReadOnlySpan<RecordHeader> headers = default) =>
        _count == 0 || _position + MaxSizeOf(keyLength, valueLength, headers) <= SizeLimit;

    /// <summary>Appends a record if it fits within <see cref="SizeLimit"/>, or if it is the first.</summary>
    /// <returns>False, and nothing has changed, if there is no room: close the batch and append to the next.</returns>
    /// <exception cref="ProtocolException">The record alone is beyond <see cref="MaxBatchBytes"/>.</exception>
    public bool TryAppend(long timestampMs, NullableSpan key, NullableSpan value, ReadOnlySpan<RecordHeader> headers = default)
    {
        if (!HasRoomFor(key.Length, value.Length, headers))
        {
            return false;
        }

        Append(timestampMs, key, value, headers);
        return true;
    }

    /// <summary>Appends a record with the next offset.</summary>
    /// <param name="timestampMs">Unix milliseconds; -1 for none.</param>
    /// <param name="key">The key or null.</param>
    /// <param name="value">The value; null is a tombstone.</param>
    /// <param name="headers">The headers.</param>
    /// <exception cref="ProtocolException">The batch would pass <see cref="MaxBatchBytes"/>.</exception>
    public void Append(long timestampMs, NullableSpan key, NullableSpan value, ReadOnlySpan<RecordHeader> headers = default)
    {
        var target = AppendCore(timestampMs, _lastOffsetDelta + 1, key, value.WireLength, headers);
        value.Span.CopyTo(target);
    }

    /// <summary>
    /// Appends a record and returns the room for its value, which the caller fills at once: for a serializer that knows
    /// the length beforehand, so that nothing is copied.
    /// </summary>
    /// <param name="timestampMs">Unix milliseconds; -1 for none.</param>
    /// <param name="key">The key or null.</param>
    /// <param name="valueLength">The value's length in bytes.</param>
    /// <param name="headers">The headers.</param>
    /// <returns>Exactly <paramref name="valueLength"/> bytes with undefined contents, valid until the next call.</returns>
    /// <exception cref="ProtocolException">The batch would pass <see cref="MaxBatchBytes"/>.</exception>
    public Span<byte> AppendWithValueOf(long timestampMs, NullableSpan key, int valueLength, ReadOnlySpan<RecordHeader> headers = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(valueLength);
        return AppendCore(timestampMs, _lastOffsetDelta + 1, key, valueLength, headers);
    }

    /// <summary>
    /// Appends a record at a given place in the batch, as compaction needs it: offsets may be left out.
    /// </summary>
    /// <param name="offsetDelta">The offset relative to the batch's base offset; larger than that of the record before.</param>
    /// <param name="timestampMs">Unix milliseconds; -1 for none.</param>
    /// <param name="key">The key or null.</param>
    /// <param name="value">The value; null is a tombstone.</param>
    /// <param name="headers">The headers.</param>
    public void AppendAt(int offsetDelta, long timestampMs, NullableSpan key, NullableSpan value, ReadOnlySpan<RecordHeader> headers = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(offsetDelta, _lastOffsetDelta);
        value.Span.CopyTo(AppendCore(timestampMs, offsetDelta, key, value.WireLength, headers));
    }

    /// <summary>Drops all records and keeps the buffer.</summary>
    public void Reset()
    {
        _position = RecordBatchHeader.Size;
        _count = 0;
        _lastOffsetDelta = -1;
        _isWritingValue = false;
    }

    /// <summary>Drops all records and returns the buffer to the pool. The builder can be used again.</summary>
    public void Dispose()
    {
        Reset();
        var buffer = _buffer;
        _buffer = [];
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Writes all of a record but the bytes of its value, and returns the room for these.</summary>
    private Span<byte> AppendCore(long timestampMs, int offsetDelta, NullableSpan key, int valueWireLength, ReadOnlySpan<RecordHeader> headers)
    {
        if (_isWritingValue)
        {
            ThrowValueIsBeingWritten();
        }

        var timestampDelta = _count == 0 ? 0 : unchecked(timestampMs - _baseTimestamp);
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
            _baseTimestamp = timestampMs;
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
