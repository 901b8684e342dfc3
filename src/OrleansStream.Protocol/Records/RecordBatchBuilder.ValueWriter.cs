using System.Buffers;
using System.Runtime.InteropServices;

namespace OrleansStream.Protocol.Records;

/// <summary>Values whose length is known only after they have been serialized.</summary>
public sealed partial class RecordBatchBuilder
{
    private ValueWriter? _valueWriter;
    private bool _isWritingValue;
    private long _pendingTimestamp;
    private int _pendingKeyPosition;
    private int _pendingKeyWireLength;
    private int _pendingValuePosition;
    private int _pendingValueLength;
    private int _lastValueLength;

    /// <summary>
    /// Starts a record whose value the caller then serializes straight into the batch;
    /// <see cref="EndRecord"/> completes it and <see cref="CancelRecord"/> drops it. The place of the value is chosen by
    /// <paramref name="valueSizeHint"/>; the value is moved only if its length has another number of digits.
    /// </summary>
    /// <param name="timestampMs">Unix milliseconds; -1 for none.</param>
    /// <param name="key">The key or null.</param>
    /// <param name="valueSizeHint">The expected length of the value; 0 for "like the one before".</param>
    /// <returns>Where the value goes; valid until the record ends.</returns>
    /// <exception cref="InvalidOperationException">A record is open already.</exception>
    public IBufferWriter<byte> BeginRecord(long timestampMs, NullableSpan key, int valueSizeHint = 0)
    {
        if (_isWritingValue)
        {
            ThrowValueIsBeingWritten();
        }

        ArgumentOutOfRangeException.ThrowIfNegative(valueSizeHint);
        var expected = valueSizeHint == 0 ? _lastValueLength : valueSizeHint;
        EnsureRoom((long)MaxRecordOverhead + key.Length + expected);
        _pendingTimestamp = timestampMs;
        _pendingKeyWireLength = key.WireLength;
        _pendingValueLength = 0;
        Place(expected, 1, out _, out _pendingKeyPosition, out _pendingValuePosition);
        key.Span.CopyTo(_buffer.AsSpan(_pendingKeyPosition));
        _isWritingValue = true;
        return _valueWriter ??= new ValueWriter(this);
    }

    /// <summary>The value as far as it has been written; valid until the next call. Empty when no record is open.</summary>
    public ReadOnlySpan<byte> PendingValue => _isWritingValue ? _buffer.AsSpan(_pendingValuePosition, _pendingValueLength) : default;

    /// <summary>
    /// What <see cref="SizeInBytes"/> will be, at most, once the open record has ended without headers. If that is too
    /// much, the caller can append <see cref="PendingValue"/> to the next batch and cancel here.
    /// </summary>
    public long PendingSizeInBytes => _position + (_isWritingValue ? MaxSizeOf(_pendingKeyWireLength, _pendingValueLength) : 0);

    /// <summary>Completes the record that <see cref="BeginRecord"/> started.</summary>
    /// <param name="headers">The headers.</param>
    /// <exception cref="InvalidOperationException">No record is open.</exception>
    /// <exception cref="ProtocolException">The batch would pass <see cref="MaxBatchBytes"/>; the record stays open.</exception>
    public void EndRecord(ReadOnlySpan<RecordHeader> headers = default)
    {
        if (!_isWritingValue)
        {
            throw new InvalidOperationException("No record has been started.");
        }

        var headersSize = SizeOfHeaders(headers);
        EnsurePendingRoom(MaxRecordOverhead + headersSize);
        var bodySize = Place(_pendingValueLength, headersSize, out var attributesPosition, out var keyPosition, out var valuePosition);
        Move(keyPosition, valuePosition);

        ref var start = ref MemoryMarshal.GetArrayDataReference(_buffer);
        VarInt.WriteInt32(_buffer.AsSpan(_position), bodySize);
        _buffer[attributesPosition] = 0;
        var position = attributesPosition + 1;
        position += VarInt.WriteInt64(_buffer.AsSpan(position), PendingTimestampDelta);
        position += VarInt.WriteInt32(_buffer.AsSpan(position), _lastOffsetDelta + 1);
        VarInt.WriteInt32(_buffer.AsSpan(position), _pendingKeyWireLength);
        VarInt.WriteInt32(_buffer.AsSpan(keyPosition + Math.Max(_pendingKeyWireLength, 0)), _pendingValueLength);
        ref var end = ref WriteHeaders(ref _buffer[valuePosition + _pendingValueLength], headers);
        _position = (int)System.Runtime.CompilerServices.Unsafe.ByteOffset(ref start, ref end);
        _lastValueLength = _pendingValueLength;
        _isWritingValue = false;
        RecordAppended(_pendingTimestamp, _lastOffsetDelta + 1);
    }

    /// <summary>Drops the record that <see cref="BeginRecord"/> started; harmless when none is open.</summary>
    public void CancelRecord() => _isWritingValue = false;

    private long PendingTimestampDelta => _count == 0 && !_isRewriting ? 0 : unchecked(_pendingTimestamp - _baseTimestamp);

    private static void ThrowValueIsBeingWritten() =>
        throw new InvalidOperationException("A record has been started and not ended: call EndRecord or CancelRecord first.");

    /// <summary>Where the parts of the open record stand if its value has a given length; returns the body's size.</summary>
    private int Place(int valueLength, long headersSize, out int attributesPosition, out int keyPosition, out int valuePosition)
    {
        var keyLength = Math.Max(_pendingKeyWireLength, 0);
        var beforeKey = 1
            + VarInt.SizeOfInt64(PendingTimestampDelta)
            + VarInt.SizeOfInt32(_lastOffsetDelta + 1)
            + VarInt.SizeOfInt32(_pendingKeyWireLength);
        var beforeValue = beforeKey + keyLength + VarInt.SizeOfInt32(valueLength);
        var bodySize = (int)(beforeValue + valueLength + headersSize);
        attributesPosition = _position + VarInt.SizeOfInt32(bodySize);
        keyPosition = attributesPosition + beforeKey;
        valuePosition = attributesPosition + beforeValue;
        return bodySize;
    }

    /// <summary>Moves key and value to where they belong, in the order in which neither overwrites the other.</summary>
    private void Move(int keyPosition, int valuePosition)
    {
        var key = _buffer.AsSpan(_pendingKeyPosition, Math.Max(_pendingKeyWireLength, 0));
        var value = _buffer.AsSpan(_pendingValuePosition, _pendingValueLength);
        if (valuePosition > _pendingValuePosition)
        {
            value.CopyTo(_buffer.AsSpan(valuePosition));
        }

        if (keyPosition != _pendingKeyPosition)
        {
            key.CopyTo(_buffer.AsSpan(keyPosition));
        }

        if (valuePosition < _pendingValuePosition)
        {
            value.CopyTo(_buffer.AsSpan(valuePosition));
        }
    }

    /// <summary>Makes room after the open value, which is copied along if the buffer grows.</summary>
    private void EnsurePendingRoom(long bytes)
    {
        var end = _pendingValuePosition + _pendingValueLength;
        if (_buffer.Length - end >= bytes)
        {
            return;
        }

        var position = _position;
        _position = end;
        try
        {
            Grow(bytes);
        }
        finally
        {
            _position = position;
        }
    }

    private sealed class ValueWriter(RecordBatchBuilder builder) : IBufferWriter<byte>
    {
        public void Advance(int count)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(count);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Free.Length);
            builder._pendingValueLength += count;
        }

        public Memory<byte> GetMemory(int sizeHint = 0)
        {
            Reserve(sizeHint);
            return builder._buffer.AsMemory(builder._pendingValuePosition + builder._pendingValueLength);
        }

        public Span<byte> GetSpan(int sizeHint = 0)
        {
            Reserve(sizeHint);
            return Free;
        }

        private Span<byte> Free => builder._isWritingValue
            ? builder._buffer.AsSpan(builder._pendingValuePosition + builder._pendingValueLength)
            : throw new InvalidOperationException("The record has ended; its value cannot grow any more.");

        private void Reserve(int sizeHint)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(sizeHint);
            _ = Free;
            builder.EnsurePendingRoom(Math.Max(sizeHint, 1));
        }
    }
}
