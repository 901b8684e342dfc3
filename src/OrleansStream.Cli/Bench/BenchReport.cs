using System.Globalization;
using OrleansStream.Cli.Invocation;
using OrleansStream.Cli.Terminal;

namespace OrleansStream.Cli.Bench;

/// <summary>The outcome of a measurement.</summary>
internal sealed record BenchReport
{
    private static readonly (string Name, double Share)[] Shares = [("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("p99.9", 0.999), ("max", 1.0)];

    /// <summary>Which measurement.</summary>
    public required string Name { get; init; }

    /// <summary>What was measured.</summary>
    public required BenchOptions Options { get; init; }

    /// <summary>Records counted.</summary>
    public required long Records { get; init; }

    /// <summary>Bytes of their keys and values.</summary>
    public required long Bytes { get; init; }

    /// <summary>How long it took.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>CPU time used meanwhile.</summary>
    public required CpuUsage Cpu { get; init; }

    /// <summary>Latencies by what they are the latency of, such as "ack"; empty for none.</summary>
    public IReadOnlyList<(string Of, LatencyHistogram Histogram)> Latencies { get; init; } = [];

    private double RecordsPerSecond => Records / Elapsed.TotalSeconds;

    private double BytesPerSecond => Bytes / Elapsed.TotalSeconds;

    /// <summary>Writes the report to stdout.</summary>
    public void Write(CommandEnvironment environment, bool asJson)
    {
        if (asJson)
        {
            WriteJson(environment);
        }
        else
        {
            WriteText(environment);
        }
    }

    private double? PerMillion(TimeSpan? cpu) => cpu is { } time && Records > 0 ? time.TotalSeconds * 1e6 / Records : null;

    private void WriteText(CommandEnvironment environment)
    {
        using var text = environment.OpenText();
        text.WriteLine($"{Name} '{Options.Topic}': {Quantity.Of(Records, "record")}, {Quantity.Bytes(Bytes)} in {Number(Elapsed.TotalSeconds, 3)} s");
        text.WriteLine($"throughput  {Quantity.Count((long)RecordsPerSecond)} records/s  {Number(BytesPerSecond / 1e6, 1)} MB/s");
        foreach (var (of, histogram) in Latencies)
        {
            var percentiles = string.Join("  ", Shares.Select(share => $"{share.Name} {Number(histogram.Percentile(share.Share).TotalMilliseconds, 2)}"));
            text.WriteLine($"latency     {of}: {percentiles} ms ({Quantity.Count(histogram.Count)} measured)");
        }

        text.WriteLine($"client CPU  {Number(Cpu.Client.TotalSeconds, 2)} s ({Optional(PerMillion(Cpu.Client))} s per million records)");
        text.WriteLine(Cpu.Broker is { } broker
            ? $"broker CPU  {Number(broker.TotalSeconds, 2)} s ({Optional(PerMillion(broker))} s per million records)"
            : "broker CPU  unknown: not a process of this machine and user; name it with --broker-pid");
    }

    private void WriteJson(CommandEnvironment environment) =>
        JsonOutput.Write(environment.Output, json =>
        {
            json.WriteStartObject();
            json.WriteString("bench", Name);
            json.WriteString("topic", Options.Topic);
            json.WriteNumber("records", Records);
            json.WriteNumber("bytes", Bytes);
            json.WriteNumber("seconds", Elapsed.TotalSeconds);
            json.WriteNumber("recordsPerSecond", RecordsPerSecond);
            json.WriteNumber("megabytesPerSecond", BytesPerSecond / 1e6);
            json.WriteStartObject("latencyMs");
            foreach (var (of, histogram) in Latencies)
            {
                json.WriteStartObject(of);
                foreach (var (name, share) in Shares)
                {
                    json.WriteNumber(name, histogram.Percentile(share).TotalMilliseconds);
                }

                json.WriteNumber("mean", histogram.Mean.TotalMilliseconds);
                json.WriteNumber("count", histogram.Count);
                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteNumber("clientCpuSeconds", Cpu.Client.TotalSeconds);
            if (Cpu.Broker is { } broker)
            {
                json.WriteNumber("brokerCpuSeconds", broker.TotalSeconds);
                json.WriteNumber("brokerCpuSecondsPerMillionRecords", PerMillion(broker) ?? 0);
            }

            json.WriteEndObject();
        });

    private static string Number(double value, int digits) => value.ToString("F" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private static string Optional(double? value) => value is { } number ? Number(number, 3) : "-";
}
