using System.Diagnostics;
using OrleansStream.Client;
using OrleansStream.Faults.Checking;
using OrleansStream.Faults.Running;

namespace OrleansStream.Faults.Workload;

/// <summary>Sends records at a steady rate with acks=all and idempotence, whatever happens, and keeps the account.</summary>
internal sealed class SteadyProducer : IAsyncDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);

    private readonly TopicHistory _history;
    private readonly RunLog _log;
    private readonly IProducer<Null, byte[]> _producer;
    private readonly CancellationTokenSource _stop = new();
    private readonly int _rate;
    private readonly int _valueBytes;
    private readonly DeliveryHandler[] _handlers;
    private readonly Task _sending;
    private int _told;

    public SteadyProducer(IOrleansStreamClient client, TopicHistory history, int rate, int valueBytes, RunLog log)
    {
        (_history, _rate, _valueBytes, _log) = (history, rate, valueBytes, log);
        _handlers = [.. history.Partitions.Select(Report)];
        _producer = client.CreateProducer<Null, byte[]>(options => options.AllowAutoTopicCreation = false);
        _sending = Task.Run(SendAsync);
    }

    /// <summary>Sends no more and waits until everything is acknowledged or has failed.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _sending;
        await _producer.FlushAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _sending;
        await _producer.DisposeAsync();
        _stop.Dispose();
    }

    private async Task SendAsync()
    {
        using var timer = new PeriodicTimer(Tick);
        var began = Stopwatch.GetTimestamp();
        var due = 0.0;
        var next = 0;
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                // What could not be sent while there was no room for it is not made up for.
                var now = Stopwatch.GetTimestamp();
                due = Math.Min(due + (_rate * Stopwatch.GetElapsedTime(began, now).TotalSeconds), _rate);
                began = now;
                for (; due >= 1; due--)
                {
                    await SendAsync(_history.Partitions[next++ % _history.Partitions.Count]);
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The round is over.
        }
        catch (Exception error)
        {
            _log.Violation($"the producer has given up: {error}");
        }
    }

    private async ValueTask SendAsync(PartitionHistory partition)
    {
        var sequence = partition.Begin();
        var message = new Message<Null, byte[]>(null, RecordValue.Write(partition.Partition, sequence, _valueBytes)) { Partition = partition.Partition };
        try
        {
            await _producer.SendAsync(_history.Topic, message, _handlers[partition.Partition], sequence, CancellationToken.None);
        }
        catch (ProduceException error)
        {
            Failed(partition, sequence, error);
        }
    }

    private DeliveryHandler Report(PartitionHistory partition) => (in DeliveryReport report) =>
    {
        var sequence = (long)report.State!;
        if (report.Error is { } error)
        {
            Failed(partition, sequence, error);
        }
        else if (partition.Acknowledge(sequence, report.Result.Offset) is { } wrong)
        {
            _log.Violation(wrong);
        }
    };

    private void Failed(PartitionHistory partition, long sequence, ProduceException error)
    {
        partition.Fail(sequence);
        if (Interlocked.Increment(ref _told) <= 20)
        {
            _log.Say($"record {sequence} of partition {partition.Partition} was not delivered: {error.Error} {error.Message}");
        }
    }
}
