using System.Buffers.Binary;
using OrleansStream.Client;

namespace OrleansStream.EndToEnd.Tests.Scenarios;

/// <summary>
/// A producer that sends numbered records to every partition without end and keeps the account: what was sent, and what
/// was acknowledged at which offset.
/// </summary>
internal sealed class AcknowledgedRecords : IAsyncDisposable
{
    private static readonly TimeSpan ProgressTimeout = TimeSpan.FromSeconds(60);

    private readonly string _topic;
    private readonly IProducer<Null, byte[]> _producer;
    private readonly long[] _sent;
    private readonly Dictionary<long, long>[] _offsets;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private readonly Task _sending;
    private TaskCompletionSource _progress = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Exception? _failure;
    private long _acknowledged;

    /// <summary>Begins to send.</summary>
    /// <param name="client">The connection.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="partitions">The number of its partitions.</param>
    /// <param name="deliveryTimeout">How long the producer tries; null for its default.</param>
    public AcknowledgedRecords(IOrleansStreamClient client, string topic, int partitions, TimeSpan? deliveryTimeout = null)
    {
        _topic = topic;
        _sent = new long[partitions];
        _offsets = [.. Enumerable.Range(0, partitions).Select(_ => new Dictionary<long, long>())];
        _producer = client.CreateProducer<Null, byte[]>(options =>
        {
            options.MaxBufferBytes = 4 * 1024 * 1024;
            options.DeliveryTimeout = deliveryTimeout ?? options.DeliveryTimeout;
        });
        _sending = Task.Run(SendAsync, CancellationToken.None);
    }

    /// <summary>How many records are acknowledged so far.</summary>
    public long Acknowledged
    {
        get
        {
            lock (_lock)
            {
                return _acknowledged;
            }
        }
    }

    /// <summary>Why a record was not delivered; null as long as none failed.</summary>
    public Exception? Failure
    {
        get
        {
            lock (_lock)
            {
                return _failure;
            }
        }
    }

    /// <summary>Waits until so many records are acknowledged.</summary>
    public async Task WaitForAsync(long acknowledged)
    {
        while (true)
        {
            Task progress;
            lock (_lock)
            {
                if (_failure is not null)
                {
                    throw new InvalidOperationException("A record was not delivered.", _failure);
                }

                if (_acknowledged >= acknowledged)
                {
                    return;
                }

                progress = _progress.Task;
            }

            try
            {
                await progress.WaitAsync(ProgressTimeout, TestContext.Current.CancellationToken);
            }
            catch (TimeoutException)
            {
                throw new TimeoutException($"No record was acknowledged for {ProgressTimeout}; expected {acknowledged}, got {Acknowledged}.");
            }
        }
    }

    /// <summary>Waits until a record has failed.</summary>
    public async Task<Exception> WaitForFailureAsync()
    {
        while (Failure is null)
        {
            Task progress;
            lock (_lock)
            {
                progress = _progress.Task;
            }

            await progress.WaitAsync(ProgressTimeout, TestContext.Current.CancellationToken);
        }

        return Failure!;
    }

    /// <summary>Sends no more and waits for what is under way.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _sending;
        await _producer.FlushAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>
    /// Reads the topic and holds it against the account: in each partition the numbers run from 0 without gap, repetition or
    /// change of order, and reach at least as far as what was acknowledged when the reading began; every acknowledged record
    /// is at its offset.
    /// </summary>
    public async Task ShouldBeThereAsync(IOrleansStreamClient client)
    {
        Dictionary<long, long>[] acknowledged;
        lock (_lock)
        {
            acknowledged = [.. _offsets.Select(offsets => new Dictionary<long, long>(offsets))];
        }

        await using var consumer = client.CreateConsumer<Null, byte[]>();
        await consumer.AssignTopicAsync(_topic, OffsetSpec.Earliest, TestContext.Current.CancellationToken);
        var next = new long[acknowledged.Length];
        await foreach (var record in consumer.ConsumeAsync(ConsumeUntil.CurrentEnd, TestContext.Current.CancellationToken))
        {
            var number = BinaryPrimitives.ReadInt64LittleEndian(record.Value);
            number.ShouldBe(next[record.Partition], $"the record at offset {record.Offset} of partition {record.Partition}");
            if (acknowledged[record.Partition].TryGetValue(number, out var offset))
            {
                record.Offset.ShouldBe(offset, $"record {number} of partition {record.Partition} was acknowledged at another offset");
            }

            next[record.Partition]++;
        }

        for (var partition = 0; partition < next.Length; partition++)
        {
            next[partition].ShouldBeGreaterThan(
                acknowledged[partition].Keys.DefaultIfEmpty(-1).Max(), $"acknowledged records of partition {partition} are missing");
        }
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
        var random = new Random(5);
        try
        {
            for (var turn = 0; !_stop.IsCancellationRequested && Failure is null; turn++)
            {
                var partition = turn % _sent.Length;
                var value = new byte[random.Next(8, 1500)];
                BinaryPrimitives.WriteInt64LittleEndian(value, _sent[partition]);
                await _producer.SendAsync(_topic, new Message<Null, byte[]>(null, value) { Partition = partition }, OnDelivered, _sent[partition], _stop.Token);
                _sent[partition]++;
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The test has seen enough.
        }
        catch (ProduceException error)
        {
            Fail(error);
        }
    }

    private void OnDelivered(in DeliveryReport report)
    {
        if (report.Error is { } error)
        {
            Fail(error);
            return;
        }

        lock (_lock)
        {
            var offsets = _offsets[report.Result.Partition];
            if (offsets.Count != (long)report.State!)
            {
                _failure ??= new InvalidOperationException(
                    $"Record {report.State} of partition {report.Result.Partition} was acknowledged when record {offsets.Count} was due.");
            }

            offsets[(long)report.State!] = report.Result.Offset;
            _acknowledged++;
            Signal();
        }
    }

    private void Fail(Exception error)
    {
        lock (_lock)
        {
            _failure ??= error;
            Signal();
        }
    }

    private void Signal()
    {
        _progress.TrySetResult();
        _progress = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
