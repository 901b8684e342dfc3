using OrleansStream.Cli.Invocation;
using OrleansStream.Client;

namespace OrleansStream.Cli.Bench;

/// <summary>
/// Sends at a rate and measures, in one process and with one clock, the time from when each record is due until its
/// acknowledgement and until a consumer that waits at the end has it.
/// </summary>
internal static class LatencyBench
{
    private static readonly TimeSpan WarmupTime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ArrivalTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Runs the measurement.</summary>
    public static async Task<BenchReport> RunAsync(BenchRun run, CancellationToken cancellationToken)
    {
        var size = Math.Max(run.Options.Size, Payloads.StampBytes);
        await run.EnsureTopicAsync(cancellationToken).ConfigureAwait(false);
        var producer = run.Client.CreateProducer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>(run.Options.Configure);
        await using var producerDisposal = producer.ConfigureAwait(false);
        var consumer = run.Client.CreateConsumer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>();
        await using var consumerDisposal = consumer.ConfigureAwait(false);
        await StartAtEndAsync(run, consumer, cancellationToken).ConfigureAwait(false);

        // One consumer reads on through both phases; the phases' marks keep their records apart.
        var time = run.Environment.Time;
        var warmup = new Phase(time.GetTimestamp(), size);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var measured = new Phase(warmup.Mark + 1, size);
        var reading = ReadAsync(consumer, time, [warmup, measured], stop.Token);

        using (var warmupPace = new Pace(time, run.Options.Rate, WarmupTime, null))
        {
            await SendAsync(run, producer, warmup, warmupPace, cancellationToken).ConfigureAwait(false);
        }

        var cpu = run.ReadCpu();
        using var pace = new Pace(time, run.Options.Rate, run.Options.Duration, run.Options.Records);
        var records = await SendAsync(run, producer, measured, pace, cancellationToken).ConfigureAwait(false);
        var elapsed = time.GetElapsedTime(pace.Start);
        await measured.WaitForAllAsync(records, time, cancellationToken).ConfigureAwait(false);
        var used = run.ReadCpu().Since(cpu);
        await stop.CancelAsync().ConfigureAwait(false);
        await reading.ConfigureAwait(false);
        return new BenchReport
        {
            Name = "latency",
            Options = run.Options,
            Records = records,
            Bytes = records * size,
            Elapsed = elapsed,
            Cpu = used,
            Latencies = [("end to end", measured.EndToEnd), ("ack", measured.Acknowledged)],
        };
    }

    /// <summary>The end is looked up before the first record is sent, so that none can slip past.</summary>
    private static async Task StartAtEndAsync(
        BenchRun run,
        IConsumer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> consumer,
        CancellationToken cancellationToken)
    {
        var topic = await run.Client.Admin.DescribeTopicAsync(run.Options.Topic, cancellationToken).ConfigureAwait(false);
        foreach (var partition in topic.Partitions)
        {
            var ends = await consumer.QueryWatermarksAsync(new TopicPartition(topic.Name, partition.Partition), cancellationToken).ConfigureAwait(false);
            consumer.Assign(new TopicPartitionOffset(topic.Name, partition.Partition, OffsetSpec.At(ends.HighWatermark)));
        }
    }

    private static async Task<long> SendAsync(
        BenchRun run,
        IProducer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> producer,
        Phase phase,
        Pace pace,
        CancellationToken cancellationToken)
    {
        var time = run.Environment.Time;
        Exception? failure = null;
        DeliveryHandler onDelivered = (in DeliveryReport report) =>
        {
            if (report.Error is { } error)
            {
                Volatile.Write(ref failure, error);
            }
            else
            {
                phase.Acknowledged.Record(time.GetElapsedTime((long)report.State!));
            }
        };

        using var progress = run.Environment.StartProgress();
        long number = 0;
        for (; failure is null && await pace.WaitForAsync(number, cancellationToken).ConfigureAwait(false); number++)
        {
            var due = pace.DueAt(number);
            var message = new Message<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?>(null, phase.Value(due));
            await producer.SendAsync(run.Options.Topic, message, onDelivered, due, cancellationToken).ConfigureAwait(false);
            progress.Report(number, number * run.Options.Size, run.Options.Records);
        }

        await producer.FlushAsync(cancellationToken).ConfigureAwait(false);
        return failure is null ? number : throw new CommandFailedException($"a record was not delivered: {failure.Message}");
    }

    private static async Task ReadAsync(
        IConsumer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> consumer,
        TimeProvider time,
        Phase[] phases,
        CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var record in consumer.ConsumeAsync(cancellationToken: cancellationToken).ConfigureAwait(false))
            {
                foreach (var phase in phases)
                {
                    phase.Take(record.Value.GetValueOrDefault().Span, time);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Every record has arrived, or the command is being ended.
        }
    }

    /// <summary>The records of one phase: how they are made, recognised and counted.</summary>
    private sealed class Phase(long mark, int size)
    {
        private readonly byte[] _value = new Payloads(size)[0].ToArray();
        private readonly TaskCompletionSource _allArrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private long _arrived;
        private long _expected = long.MaxValue;

        public long Mark => mark;

        public LatencyHistogram EndToEnd { get; } = new();

        public LatencyHistogram Acknowledged { get; } = new();

        /// <summary>The next value; the producer has copied it when sending it has completed.</summary>
        public ReadOnlyMemory<byte> Value(long timestamp)
        {
            Payloads.Stamp(_value, mark, timestamp);
            return _value;
        }

        public void Take(ReadOnlySpan<byte> value, TimeProvider time)
        {
            if (Payloads.TryReadStamp(value, mark, out var timestamp))
            {
                EndToEnd.Record(time.GetElapsedTime(timestamp));
                CompleteIfAllArrived(Interlocked.Increment(ref _arrived));
            }
        }

        public async Task WaitForAllAsync(long expected, TimeProvider time, CancellationToken cancellationToken)
        {
            Interlocked.Exchange(ref _expected, expected);
            CompleteIfAllArrived(Interlocked.Read(ref _arrived));
            try
            {
                await _allArrived.Task.WaitAsync(ArrivalTimeout, time, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                throw new CommandFailedException(
                    $"{Interlocked.Read(ref _arrived)} of {expected} acknowledged records reached the consumer within {ArrivalTimeout.TotalSeconds} s.");
            }
        }

        private void CompleteIfAllArrived(long arrived)
        {
            if (arrived >= Interlocked.Read(ref _expected))
            {
                _allArrived.TrySetResult();
            }
        }
    }
}
