using OrleansStream;
using OrleansStream.Protocol;
using OrleansStream.Protocol.Benchmarks;
using OrleansStream.Protocol.Checksums;
using OrleansStream.Protocol.Compression;
using OrleansStream.Protocol.Records;

// Usage: dotnet run -c Release --project benchmarks/OrleansStream.Protocol.Benchmarks [crc] [records] [codecs]
string[] chosen = args.Length == 0 ? ["crc", "records", "codecs"] : args;
if (chosen.Contains("crc"))
{
    MeasureCrc();
}

if (chosen.Contains("records"))
{
    foreach (var (valueBytes, batchBytes) in new[] { (100, 16 * 1024), (100, 1024 * 1024), (1024, 16 * 1024), (1024, 1024 * 1024) })
    {
        MeasureRecords(valueBytes, batchBytes);
    }
}

if (chosen.Contains("codecs"))
{
    MeasureCodecs();
}

return Measurement.HasFailed ? 1 : 0;

static void MeasureCrc()
{
    foreach (var size in new[] { 64, 192, 1024, 16 * 1024, 1024 * 1024 })
    {
        var data = new byte[size];
        new Random(1).NextBytes(data);
        uint sink = 0;
        Measurement.ReportThroughput($"CRC-32C of {size} bytes", Measurement.Run(size, () => sink ^= Crc32C.Compute(data)));
        if (size >= 1024)
        {
            Measurement.ReportThroughput("  one stream", Measurement.Run(size, () => sink ^= Crc32CHardware.Update(~0u, data)));
            Measurement.ReportThroughput("  tables", Measurement.Run(size, () => sink ^= Crc32CSoftware.Update(~0u, data)));
        }
    }
}

static void MeasureRecords(int valueBytes, int batchBytes)
{
    var value = new byte[valueBytes];
    new Random(1).NextBytes(value);
    var key = new byte[8];
    var count = batchBytes / (valueBytes + 15);
    var label = $"{valueBytes} B values, batches of {batchBytes / 1024} KiB";

    // One object for the batch and its buffer's owner is all that a batch may cost.
    var perBatch = 64.0 / count;
    using var builder = new RecordBatchBuilder(initialCapacity: batchBytes + 1024);
    Measurement.Report($"append and close, {label}", Measurement.Run(count, () =>
    {
        for (var i = 0; i < count; i++)
        {
            builder.Append(1_700_000_000_000 + i, null, value);
        }

        builder.Close().Dispose();
    }), perBatch);
    Measurement.Report($"append with 8 B key, {label}", Measurement.Run(count, () =>
    {
        for (var i = 0; i < count; i++)
        {
            builder.Append(1_700_000_000_000 + i, key, value);
        }

        builder.Reset();
    }), 0);
    Measurement.Report($"serialize into the batch, {label}", Measurement.Run(count, () =>
    {
        for (var i = 0; i < count; i++)
        {
            var writer = builder.BeginRecord(1_700_000_000_000 + i, null);
            value.CopyTo(writer.GetSpan(valueBytes));
            writer.Advance(valueBytes);
            builder.EndRecord();
        }

        builder.Reset();
    }), 0);

    for (var i = 0; i < count; i++)
    {
        builder.Append(1_700_000_000_000 + i, key, value);
    }

    using var batch = builder.Close();
    using var reader = new RecordReader();
    long sink = 0;
    Measurement.Report($"read with CRC, {label}", Measurement.Run(count, () =>
    {
        reader.Open(batch.Memory);
        foreach (var record in reader)
        {
            sink += record.Offset + record.Key.Length + record.Value.Length;
        }
    }), 0);
    Measurement.Report($"read step by step with CRC, {label}", Measurement.Run(count, () =>
    {
        reader.Open(batch.Memory);
        while (reader.TryRead(out var record))
        {
            sink += record.Offset + record.Key.Length + record.Value.Length;
        }
    }), 0);
    var limits = new RecordBatchLimits { MaxMessageBytes = int.MaxValue };
    var headerOnly = limits with { Inspection = RecordInspection.Header };
    Measurement.Report($"validate header and CRC, {label}", Measurement.Run(count, () => sink += RecordBatchValidator.Validate(batch.Memory.Span, headerOnly, 1_700_000_000_000).MaxTimestamp), 0);
    Measurement.Report($"validate records as well, {label}", Measurement.Run(count, () => sink += RecordBatchValidator.Validate(batch.Memory.Span, limits, 1_700_000_000_000).MaxTimestamp), perBatch);
}

static void MeasureCodecs()
{
    // Text-like: numbers in words.
    var plain = new byte[256 * 1024];
    for (var i = 0; i < plain.Length; i++)
    {
        plain[i] = (byte)"the quick brown fox 0123456789,\n"[(i * 7 + (i / 61 * i / 97)) & 31];
    }

    foreach (var type in new[] { CompressionType.Gzip, CompressionType.Snappy, CompressionType.Lz4, CompressionType.Zstd })
    {
        var codec = CompressionCodecs.Get(type);
        using var compressed = new PooledBufferWriter();
        using var again = new PooledBufferWriter();
        codec.Compress(plain, compressed);
        Measurement.ReportThroughput($"{type} compress ({(double)plain.Length / compressed.WrittenCount:F2} : 1)", Measurement.Run(plain.Length, () =>
        {
            again.Clear();
            codec.Compress(plain, again);
        }));
        Measurement.ReportThroughput($"{type} decompress", Measurement.Run(plain.Length, () =>
        {
            again.Clear();
            codec.Decompress(compressed.WrittenSpan, again);
        }));
    }
}
