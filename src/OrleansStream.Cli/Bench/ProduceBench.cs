using OrleansStream.Cli.Invocation;
using OrleansStream.Client;

namespace OrleansStream.Cli.Bench;

/// <summary>Sends records and measures throughput and the latency of their acknowledgements.</summary>
internal static class ProduceBench
{
    /// <summary>Without a rate every so many-th record's latency is measured; measuring each would slow down what is measured.</summary>
    private const int SampleInterval = 16;

    /// <summary>Runs the measurement.</summary>
    public static async Task<BenchReport> RunAsync(BenchRun run, CancellationToken cancellationToken)
    {
        await run.EnsureTopicAsync(cancellationToken).ConfigureAwait(false);
        var producer = run.Client.CreateProducer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>(run.Options.Configure);
        await using var disposal = producer.ConfigureAwait(false);
        var payloads = new Payloads(run.Options.Size);

        using (var warmup = new Pace(run.Environment.Time, null, null, run.Options.Warmup))
        {
            await SendAsync(run, producer, payloads, warmup, new LatencyHistogram(), cancellationToken).ConfigureAwait(false);
        }

        await producer.FlushAsync(cancellationToken).ConfigureAwait(false);

        var latency = new LatencyHistogram();
        var cpu = run.ReadCpu();
        using var pace = new Pace(run.Environment.Time, run.Options.Rate, run.Options.Duration, run.Options.Records);
        var records = await SendAsync(run, producer, payloads, pace, latency, cancellationToken).ConfigureAwait(false);
        await producer.FlushAsync(cancellationToken).ConfigureAwait(false);
        return new BenchReport
        {
            Name = "produce",
            Options = run.Options,
            Records = records,
            Bytes = records * run.Options.Size,
            Elapsed = run.Environment.Time.GetElapsedTime(pace.Start),
            Cpu = run.ReadCpu().Since(cpu),
            Latencies = [("ack", latency)],
        };
    }

    private static async Task<long> SendAsync(
        BenchRun run,
        IProducer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> producer,
        Payloads payloads,
        Pace pace,
        LatencyHistogram latency,
        CancellationToken cancellationToken)
    {
        var time = run.Environment.Time;
        var sampleInterval = run.Options.Rate is null ? SampleInterval : 1;
        Exception? failure = null;
        DeliveryHandler onDelivered = (in DeliveryReport report) =>
        {
            if (report.Error is { } error)
            {
                Volatile.Write(ref failure, error);
            }
            else
            {
                latency.Record(time.GetElapsedTime((long)report.State!));
            }
        };

        using var progress = run.Environment.StartProgress();
        long number = 0;
        for (; failure is null && await pace.WaitForAsync(number, cancellationToken).ConfigureAwait(false); number++)
        {
            var message = new Message<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>(null, payloads[number]);
            var sent = number % sampleInterval == 0
                ? producer.SendAsync(run.Options.Topic, message, onDelivered, pace.DueAt(number), cancellationToken)
                : producer.SendAsync(run.Options.Topic, message, cancellationToken: cancellationToken);
            if (!sent.IsCompletedSuccessfully)
            {
                await sent.ConfigureAwait(false);
            }

            if ((number & 0xFFF) == 0)
            {
                progress.Report(number, number * run.Options.Size, run.Options.Records);
            }
        }

        return failure is null ? number : throw new CommandFailedException($"a record was not delivered: {failure.Message}");
    }
}
