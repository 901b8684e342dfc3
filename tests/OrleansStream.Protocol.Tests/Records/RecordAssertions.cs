using OrleansStream.Protocol.Records;

namespace OrleansStream.Protocol.Tests.Records;

internal static class RecordAssertions
{
    /// <summary>All records of a batch, copied out.</summary>
    public static List<(long Offset, ReferenceRecord Record)> ReadAll(ReadOnlyMemory<byte> batch, RecordReaderOptions? options = null)
    {
        using var reader = new RecordReader(options);
        reader.Open(batch);
        var result = new List<(long, ReferenceRecord)>();
        while (reader.TryRead(out var record))
        {
            var headers = record.Headers.ToArray().Select(h => (h.Key, h.Value?.ToArray())).ToArray();
            result.Add((record.Offset, new ReferenceRecord(record.TimestampMs, record.Key.ToArray(), record.Value.ToArray(), headers)));
        }

        return result;
    }

    public static void ShouldBeSame(ReferenceRecord actual, ReferenceRecord expected, string? because = null)
    {
        if (AreSame(actual, expected))
        {
            return;
        }

        actual.TimestampMs.ShouldBe(expected.TimestampMs, because);
        actual.Key.ShouldBe(expected.Key, because);
        actual.Value.ShouldBe(expected.Value, because);
        actual.Headers.Length.ShouldBe(expected.Headers.Length, because);
        for (var i = 0; i < actual.Headers.Length; i++)
        {
            actual.Headers[i].Key.ShouldBe(expected.Headers[i].Key, because);
            actual.Headers[i].Value.ShouldBe(expected.Headers[i].Value, because);
        }
    }

    /// <summary>Cheap, for the many records of the property tests.</summary>
    private static bool AreSame(ReferenceRecord actual, ReferenceRecord expected) =>
        actual.TimestampMs == expected.TimestampMs
        && AreSame(actual.Key, expected.Key)
        && AreSame(actual.Value, expected.Value)
        && actual.Headers.Length == expected.Headers.Length
        && actual.Headers.Zip(expected.Headers).All(pair => pair.First.Key == pair.Second.Key && AreSame(pair.First.Value, pair.Second.Value));

    private static bool AreSame(byte[]? actual, byte[]? expected) =>
        actual is null == expected is null && actual.AsSpan().SequenceEqual(expected);

    /// <summary>Appends the reference's records to a builder.</summary>
    public static void Append(RecordBatchBuilder builder, ReferenceRecord record) =>
        builder.Append(record.TimestampMs, record.Key, record.Value, ToHeaders(record));

    public static RecordHeader[] ToHeaders(ReferenceRecord record) =>
        [.. record.Headers.Select(h => new RecordHeader(h.Key, h.Value is null ? default(ReadOnlyMemory<byte>?) : h.Value))];
}
