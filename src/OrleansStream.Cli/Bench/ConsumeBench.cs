using OrleansStream.Cli.Invocation;
using OrleansStream.Client;

namespace OrleansStream.Cli.Bench;

/// <summary>Reads a topic from the beginning and measures throughput.</summary>
internal static class ConsumeBench
{
    /// <summary>Runs the measurement.</summary>
    public static async Task<BenchReport> RunAsync(BenchRun run, CancellationToken cancellationToken)
    {
        var consumer = run.Client.CreateConsumer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>();
        await using var disposal = consumer.ConfigureAwait(false);
        await consumer.AssignTopicAsync(run.Options.Topic, OffsetSpec.Earliest, cancellationToken).ConfigureAwait(false);

        using var progress = run.Environment.StartProgress();
        var wanted = run.Options.Records ?? long.MaxValue;
        long records = 0;
        long bytes = 0;
        var cpu = run.ReadCpu();
        var start = run.Environment.Time.GetTimestamp();
        await foreach (var batch in consumer.ConsumeBatchesAsync(ConsumeUntil.CurrentEnd, cancellationToken).ConfigureAwait(false))
        {
            foreach (var record in batch)
            {
                records++;
                bytes += record.Key.GetValueOrDefault().Length + record.Value.GetValueOrDefault().Length;
            }

            progress.Report(records, bytes, run.Options.Records);
            if (records >= wanted)
            {
                break;
            }
        }

        var elapsed = run.Environment.Time.GetElapsedTime(start);
        return records > 0
            ? new BenchReport { Name = "consume", Options = run.Options, Records = records, Bytes = bytes, Elapsed = elapsed, Cpu = run.ReadCpu().Since(cpu) }
            : throw new CommandFailedException($"topic '{run.Options.Topic}' has no records; fill it with: ostream bench produce {run.Options.Topic}");
    }
}
