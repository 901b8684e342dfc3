using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace OrleansStream.Client;

/// <summary>What a consumer counts; once for a batch, never for a record.</summary>
internal sealed class ConsumerMetrics : IDisposable
{
    private static readonly ConcurrentDictionary<ConsumerCore, byte> Live = new();

    private static readonly Counter<long> Records = ClientDiagnostics.Meter.CreateCounter<long>("orleansstream.consumer.records", "{record}", "Records in the batches that were handed out.");
    private static readonly Counter<long> Bytes = ClientDiagnostics.Meter.CreateCounter<long>("orleansstream.consumer.bytes", "By", "Bytes of the batches that were handed out.");
    private static readonly Histogram<double> Latency = ClientDiagnostics.Meter.CreateHistogram<double>("orleansstream.consumer.fetch.duration", "s", "Time from a fetch to its answer, the broker's waiting included.");

    private static readonly ObservableUpDownCounter<long> Buffered = ClientDiagnostics.Meter.CreateObservableUpDownCounter(
        "orleansstream.consumer.prefetch.bytes",
        static () => Live.Keys.Sum(core => core.BufferedBytes),
        "By",
        "Bytes that are fetched and not handed out.");

    private readonly ConsumerCore _core;

    public ConsumerMetrics(ConsumerCore core)
    {
        _core = core;
        Live.TryAdd(core, 0);
    }

    public void Fetched(TimeSpan elapsed) => Latency.Record(elapsed.TotalSeconds);

    public void Taken(string topic, int recordCount, int bytes)
    {
        var tag = new KeyValuePair<string, object?>("topic", topic);
        Records.Add(recordCount, tag);
        Bytes.Add(bytes, tag);
    }

    public void Dispose() => Live.TryRemove(_core, out _);
}
