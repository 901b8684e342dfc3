using System.Buffers.Binary;

namespace OrleansStream.Protocol.Records;

/// <summary>The control record that ends a transaction in a partition (KIP-98).</summary>
/// <param name="Type">Commit or abort.</param>
/// <param name="CoordinatorEpoch">The epoch of the transaction coordinator that decided.</param>
public readonly record struct EndTransactionMarker(ControlRecordType Type, int CoordinatorEpoch)
{
    private const int KeySize = 4;
    private const int ValueSize = 6;

    /// <summary>
    /// Reads a marker from a record of a control batch. False: a control record of another type, which readers skip.
    /// </summary>
    /// <exception cref="ProtocolException">The key or the value is malformed.</exception>
    public static bool TryRead(in RecordView record, out EndTransactionMarker marker)
    {
        marker = default;
        var key = record.Key.Span;
        if (key.Length < KeySize || BinaryPrimitives.ReadInt16BigEndian(key) < 0)
        {
            Malformed.Record($"The control record at offset {record.Offset} has a key of {key.Length} bytes; a version from 0 on and a type take {KeySize}.");
        }

        var type = (ControlRecordType)BinaryPrimitives.ReadInt16BigEndian(key[2..]);
        if (type is not (ControlRecordType.Abort or ControlRecordType.Commit))
        {
            return false;
        }

        var value = record.Value.Span;
        if (value.Length < ValueSize || BinaryPrimitives.ReadInt16BigEndian(value) < 0)
        {
            Malformed.Record($"The {type} marker at offset {record.Offset} has a value of {value.Length} bytes; a version from 0 on and a coordinator epoch take {ValueSize}.");
        }

        marker = new EndTransactionMarker(type, BinaryPrimitives.ReadInt32BigEndian(value[2..]));
        return true;
    }

    /// <summary>Makes the control batch that carries the marker.</summary>
    /// <param name="timestampMs">Unix milliseconds.</param>
    /// <param name="producerId">The producer whose transaction ends.</param>
    /// <param name="producerEpoch">Its epoch.</param>
    public OwnedRecordBatch ToBatch(long timestampMs, long producerId, short producerEpoch)
    {
        Span<byte> key = stackalloc byte[KeySize];
        BinaryPrimitives.WriteInt16BigEndian(key, 0);
        BinaryPrimitives.WriteInt16BigEndian(key[2..], (short)Type);
        Span<byte> value = stackalloc byte[ValueSize];
        BinaryPrimitives.WriteInt16BigEndian(value, 0);
        BinaryPrimitives.WriteInt32BigEndian(value[2..], CoordinatorEpoch);
        using var builder = new RecordBatchBuilder(initialCapacity: 128) { IsControl = true, IsTransactional = true };
        builder.Append(timestampMs, key, value);
        return builder.Close(new ProducerSequence(producerId, producerEpoch, -1));
    }
}
