using System.Buffers;
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
        _isRewriting = false;
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
}
