using System.Buffers.Binary;
using OrleansStream.Protocol.Tests.Checksums;

namespace OrleansStream.Protocol.Tests.Records;

/// <summary>A record as the tests think of it.</summary>
internal sealed record ReferenceRecord(long TimestampMs, byte[]? Key, byte[]? Value, (string Key, byte[]? Value)[] Headers)
{
    public int? OffsetDelta { get; init; }

    public static ReferenceRecord Of(long timestampMs, string? key, string? value, params (string Key, byte[]? Value)[] headers) =>
        new(timestampMs, key is null ? null : System.Text.Encoding.UTF8.GetBytes(key), value is null ? null : System.Text.Encoding.UTF8.GetBytes(value), headers);
}

/// <summary>
/// Writes record batches from Kafka's description of the format, field by field, without any of the product's code.
/// </summary>
internal sealed class ReferenceBatch
{
    public long BaseOffset { get; set; }

    public int? BatchLength { get; set; }

    public int LeaderEpoch { get; set; } = -1;

    public sbyte Magic { get; set; } = 2;

    public short Attributes { get; set; }

    public int? LastOffsetDelta { get; set; }

    public long? BaseTimestamp { get; set; }

    public long? MaxTimestamp { get; set; }

    public long ProducerId { get; set; } = -1;

    public short ProducerEpoch { get; set; } = -1;

    public int BaseSequence { get; set; } = -1;

    public int? RecordCount { get; set; }

    public List<ReferenceRecord> Records { get; } = [];

    /// <summary>The bytes after the header, if not those of <see cref="Records"/>.</summary>
    public byte[]? Body { get; set; }

    public byte[] ToArray()
    {
        var body = Body ?? EncodeRecords();
        var batch = new byte[61 + body.Length];
        BinaryPrimitives.WriteInt64BigEndian(batch, BaseOffset);
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(8), BatchLength ?? (49 + body.Length));
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(12), LeaderEpoch);
        batch[16] = (byte)Magic;
        BinaryPrimitives.WriteInt16BigEndian(batch.AsSpan(21), Attributes);
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(23), LastOffsetDelta ?? Math.Max(Records.Count - 1, 0));
        BinaryPrimitives.WriteInt64BigEndian(batch.AsSpan(27), FirstTimestamp);
        BinaryPrimitives.WriteInt64BigEndian(batch.AsSpan(35), MaxTimestamp ?? (Records.Count == 0 ? -1 : Records.Max(r => r.TimestampMs)));
        BinaryPrimitives.WriteInt64BigEndian(batch.AsSpan(43), ProducerId);
        BinaryPrimitives.WriteInt16BigEndian(batch.AsSpan(51), ProducerEpoch);
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(53), BaseSequence);
        BinaryPrimitives.WriteInt32BigEndian(batch.AsSpan(57), RecordCount ?? Records.Count);
        body.CopyTo(batch.AsSpan(61));
        FixCrc(batch);
        return batch;
    }

    /// <summary>The records without the header.</summary>
    public byte[] EncodeRecords()
    {
        var records = new List<byte>();
        for (var i = 0; i < Records.Count; i++)
        {
            var record = Records[i];
            var body = new List<byte> { 0 };
            VarLong(body, record.TimestampMs - FirstTimestamp);
            VarLong(body, record.OffsetDelta ?? i);
            Bytes(body, record.Key);
            Bytes(body, record.Value);
            VarLong(body, record.Headers.Length);
            foreach (var (key, value) in record.Headers)
            {
                Bytes(body, System.Text.Encoding.UTF8.GetBytes(key));
                Bytes(body, value);
            }

            VarLong(records, body.Count);
            records.AddRange(body);
        }

        return [.. records];
    }

    public static void FixCrc(byte[] batch) =>
        BinaryPrimitives.WriteUInt32BigEndian(batch.AsSpan(17), BitwiseCrc32C.Compute(batch.AsSpan(21)));

    public static void VarLong(List<byte> target, long value)
    {
        var rest = value < 0 ? ~((ulong)value << 1) : (ulong)value << 1;
        do
        {
            var group = (byte)(rest & 0x7f);
            rest >>= 7;
            target.Add(rest == 0 ? group : (byte)(group | 0x80));
        }
        while (rest != 0);
    }

    private long FirstTimestamp => BaseTimestamp ?? (Records.Count == 0 ? -1 : Records[0].TimestampMs);

    private static void Bytes(List<byte> target, byte[]? bytes)
    {
        VarLong(target, bytes?.Length ?? -1);
        target.AddRange(bytes ?? []);
    }
}
