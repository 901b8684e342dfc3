using OrleansStream.Protocol.Records;

namespace OrleansStream.Grains.Partitions;

/// <summary>
/// Brings a batch into the form that its topic stores. Nearly every batch is stored as it came; only another
/// <c>compression.type</c> or a wrong largest timestamp in the header make a new one.
/// </summary>
internal static class BatchRewrite
{
    /// <summary>The bytes to store.</summary>
    /// <param name="records">The batch as it came; never changed.</param>
    /// <param name="validation">What the validator found.</param>
    /// <param name="settings">The topic's.</param>
    /// <param name="header">The header of the result.</param>
    public static ReadOnlyMemory<byte> ForTopic(
        ReadOnlyMemory<byte> records, in RecordBatchValidation validation, PartitionSettings settings, out RecordBatchHeader header)
    {
        header = validation.Header;
        if (settings.Compression is { } compression && compression != header.CompressionType)
        {
            return Recompress(records, compression, settings.CompressionLevel, out header);
        }

        if (validation.MaxTimestamp != header.MaxTimestamp)
        {
            var copy = records.ToArray();
            RecordBatch.SetMaxTimestamp(copy, validation.MaxTimestamp);
            header = header with { MaxTimestamp = validation.MaxTimestamp };
            return copy;
        }

        return records;
    }

    private static ReadOnlyMemory<byte> Recompress(
        ReadOnlyMemory<byte> records, CompressionType compression, int? level, out RecordBatchHeader header)
    {
        using var reader = new RecordReader(new RecordReaderOptions { CheckCrc = false });
        reader.Open(records);
        using var builder = new RecordBatchBuilder(compression, level, records.Length);
        foreach (var record in reader)
        {
            builder.Append(record.TimestampMs, record.Key, record.Value, record.Headers.ToArray());
        }

        var source = reader.Header;
        using var batch = builder.Close(source.Producer);
        header = batch.Header;
        return batch.Memory.ToArray();
    }
}
