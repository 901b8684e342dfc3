using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace OrleansStream.Client;

/// <summary>What a producer counts; once for a batch, never for a record.</summary>
internal sealed class ProducerMetrics : IDisposable
{
    private static readonly ConcurrentDictionary<ProducerCore, byte> Live = new();

    private static readonly Counter<long> Records = ClientDiagnostics.Meter.CreateCounter<long>("orleansstream.producer.records", "{record}", "Records that were delivered.");
    private static readonly Counter<long> Bytes = ClientDiagnostics.Meter.CreateCounter<long>("orleansstream.producer.bytes", "By", "Bytes of batches that were delivered.");
    private static readonly Counter<long> Failures = ClientDiagnostics.Meter.CreateCounter<long>("orleansstream.producer.failed_records", "{record}", "Records that were not delivered.");
    private static readonly Counter<long> Retries = ClientDiagnostics.Meter.CreateCounter<long>("orleansstream.producer.retries", "{batch}", "Batches that were sent again.");
    private static readonly Histogram<double> Latency = ClientDiagnostics.Meter.CreateHistogram<double>("orleansstream.producer.request.duration", "s", "Time from sending a batch to its answer.");

    private static readonly ObservableUpDownCounter<long> Buffered = ClientDiagnostics.Meter.CreateObservableUpDownCounter(
        "orleansstream.producer.buffer.bytes",
        static () => Live.Keys.Sum(core => core.Budget.UsedBytes),
        "By",
        "Memory of records that are not delivered yet.");

    private static readonly ObservableUpDownCounter<long> InFlight = ClientDiagnostics.Meter.CreateObservableUpDownCounter(
        "orleansstream.producer.inflight.batches",
        static () => Live.Keys.Sum(core => core.Topics.Sum(topic => topic.Partitions.Sum(partition => (long)partition.InFlightCount))),
        "{batch}",
        "Batches that are sent and not answered.");

    private readonly ProducerCore _core;

    public ProducerMetrics(ProducerCore core)
    {
        _core = core;
        Live.TryAdd(core, 0);
    }

    public void RequestEnded(TimeSpan elapsed) => Latency.Record(elapsed.TotalSeconds);

    public void Retried() => Retries.Add(1);

    public void Settled(in DeliveryOutcome outcome, int recordCount, int bytes)
    {
        var topic = new TagList { { "topic", outcome.TopicPartition.Topic } };
        if (outcome.Error is not null)
        {
            Failures.Add(recordCount, topic);
            return;
        }

        Records.Add(recordCount, topic);
        Bytes.Add(bytes, topic);
    }

    public void Dispose() => Live.TryRemove(_core, out _);
}
