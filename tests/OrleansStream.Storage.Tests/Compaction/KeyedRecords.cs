using System.Text;
using OrleansStream.Protocol.Records;
using OrleansStream.Storage.Compaction;

namespace OrleansStream.Storage.Tests.Compaction;

/// <summary>A record as the tests compare it; a null value is a tombstone.</summary>
internal readonly record struct KeyedRecord(long Offset, string? Key, string? Value, long Timestamp);

/// <summary>Batches of keyed records, and what a log holds of them.</summary>
internal static class KeyedRecords
{
    public static IReadOnlyDictionary<long, ActiveProducer> NoProducers { get; } = new Dictionary<long, ActiveProducer>();

    /// <summary>A configuration under which everything but the last batch can be compacted.</summary>
    public static LogConfig Config { get; } = LogConfig.Default with
    {
        SegmentBytes = 64,
        Compaction = CompactionConfig.Default with { MinCleanableDirtyRatio = 0, DeleteRetentionMs = 1_000 },
    };

    /// <summary>A batch of records with the given keys and values.</summary>
    public static byte[] Make(
        IEnumerable<(string? Key, string? Value)> records,
        long timestamp = 1_000,
        CompressionType compression = CompressionType.None,
        ProducerSequence? producer = null,
        bool isTransactional = false)
    {
        using var builder = new RecordBatchBuilder(compression) { IsTransactional = isTransactional };
        foreach (var (key, value) in records)
        {
            builder.Append(timestamp, Bytes(key), Bytes(value), [new RecordHeader("h", Encoding.UTF8.GetBytes(key ?? ""))]);
            timestamp++;
        }

        using var batch = builder.Close(producer ?? ProducerSequence.None);
        return batch.Memory.ToArray();
    }

    public static byte[] Make(string key, string? value, long timestamp = 1_000) => Make([(key, value)], timestamp);

    /// <summary>The records in read results.</summary>
    public static List<KeyedRecord> Parse(ReadOnlyMemory<byte> records)
    {
        var parsed = new List<KeyedRecord>();
        using var reader = new RecordReader();
        foreach (var batch in Batches.Split(records))
        {
            reader.Open(batch.Memory);
            while (reader.TryRead(out var record))
            {
                var key = record.Key.HasValue ? Encoding.UTF8.GetString(record.Key.Span) : null;
                record.HeaderCount.ShouldBe(1);
                Encoding.UTF8.GetString(record.Headers.ToArray()[0].Value!.Value.Span).ShouldBe(key ?? "");
                parsed.Add(new KeyedRecord(record.Offset, key, record.Value.HasValue ? Encoding.UTF8.GetString(record.Value.Span) : null, record.TimestampMs));
            }
        }

        return parsed;
    }

    /// <summary>Everything that a reader sees of a log.</summary>
    public static async Task<List<KeyedRecord>> ReadRecordsAsync(this PartitionLog log, int maxBytes = 1 << 20) =>
        [.. Parse(await log.ReadAllAsync(log.LogStartOffset, maxBytes)).Where(record => record.Offset >= log.LogStartOffset)];

    public static async Task<List<RecordBatchHeader>> ReadHeadersAsync(this PartitionLog log) =>
        [.. Batches.Split(await log.ReadAllAsync(log.LogStartOffset)).Select(batch => batch.Header)];

    /// <summary>What somebody who reads records in order holds in the end: the last value of each key.</summary>
    public static Dictionary<string, string> Replay(IEnumerable<KeyedRecord> records)
    {
        var values = new Dictionary<string, string>();
        foreach (var record in records)
        {
            if (record.Value is null)
            {
                values.Remove(record.Key!);
            }
            else
            {
                values[record.Key!] = record.Value;
            }
        }

        return values;
    }

    /// <summary>One pass over everything that may be compacted.</summary>
    public static Task<CompactionResult> CompactAllAsync(
        this PartitionLog log, long nowMs = 0, IReadOnlyDictionary<long, ActiveProducer>? producers = null, long dedupeBytes = 1 << 20) =>
        log.CompactAsync(new CompactionRequest(log.LogEndOffset, nowMs, producers ?? NoProducers), new CompactionMemory(dedupeBytes), CancellationToken.None)
            .WaitAsync(LogFixture.TimeLimit);

    private static NullableSpan Bytes(string? text) => text is null ? NullableSpan.Null : Encoding.UTF8.GetBytes(text);
}
