using System.Diagnostics;
using OrleansStream.Client;
using OrleansStream.Faults.Checking;
using OrleansStream.Faults.Running;

namespace OrleansStream.Faults.Workload;

/// <summary>A member of the group that reads along: it marks what it reads, commits every second, and looks where it is told to start.</summary>
internal sealed class GroupMember : IRebalanceListener, IAsyncDisposable
{
    private static readonly TimeSpan CommitInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromMilliseconds(200);

    private readonly string _name;
    private readonly TopicHistory _history;
    private readonly GroupAccount _account;
    private readonly RunLog _log;
    private readonly IConsumer<Ignore, byte[]> _consumer;
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<TopicPartition, long> _read = [];
    private readonly Dictionary<TopicPartition, long> _startsAt = [];
    private readonly Task _reading;
    private long _committed = Stopwatch.GetTimestamp();

    public GroupMember(string name, IOrleansStreamClient client, string groupId, TopicHistory history, GroupAccount account, RunLog log)
    {
        (_name, _history, _account, _log) = (name, history, account, log);
        _consumer = client.CreateConsumer<Ignore, byte[]>(options =>
        {
            options.GroupId = groupId;
            options.EnableAutoCommit = false;
        });
        _consumer.Subscribe([history.Topic], this);
        _reading = Task.Run(ReadAsync);
    }

    public ValueTask OnPartitionsAssignedAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken cancellationToken)
    {
        foreach (var partition in partitions)
        {
            _read.Remove(partition);
            _startsAt[partition] = _account.Committed(partition.Partition);
        }

        _account.Assign(partitions.Count);
        return default;
    }

    public async ValueTask OnPartitionsRevokedAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken cancellationToken)
    {
        await CommitAsync(cancellationToken);
        Forget(partitions);
    }

    public ValueTask OnPartitionsLostAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken cancellationToken)
    {
        _log.Say($"{_name} has lost {partitions.Count} partitions to the rest of its group");
        Forget(partitions);
        return default;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _reading;
        await _consumer.DisposeAsync();
        _stop.Dispose();
    }

    private async Task ReadAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await foreach (var batch in _consumer.ConsumeBatchesAsync(ConsumeUntil.Cancelled, _stop.Token))
                {
                    Take(batch);
                    if (Stopwatch.GetElapsedTime(_committed) >= CommitInterval)
                    {
                        await CommitAsync(_stop.Token);
                        _committed = Stopwatch.GetTimestamp();
                    }
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error) when (error is OrleansStreamException or OperationCanceledException or TimeoutException)
            {
                _log.Say($"{_name} reads on after: {error.GetType().Name} {(error as OrleansStreamException)?.Error} {error.Message}");
                await Task.WhenAny(Pace.ForAsync(AfterFailure, _stop.Token));
            }
            catch (Exception error)
            {
                _log.Violation($"{_name} cannot read on: {error}");
                return;
            }
        }
    }

    private void Take(ConsumeBatch<Ignore, byte[]> batch)
    {
        var partition = batch.TopicPartition;
        if (_startsAt.Remove(partition, out var committed) && batch.FirstOffset < committed)
        {
            _log.Violation($"{_name} starts with offset {batch.FirstOffset} of {partition}, though {committed} was committed");
        }

        if (_read.TryGetValue(partition, out var expected) && batch.FirstOffset != expected)
        {
            _log.Violation($"{_name} was handed offset {batch.FirstOffset} of {partition} when {expected} was due");
        }

        var history = _history.Partitions[partition.Partition];
        foreach (var record in batch)
        {
            history.Consume(RecordValue.Read(record.Value, partition.Partition));
        }

        _read[partition] = batch.NextOffset;
    }

    private async Task CommitAsync(CancellationToken cancellationToken)
    {
        if (_read.Count == 0)
        {
            return;
        }

        var offsets = _read.ToDictionary(pair => pair.Key, pair => new CommittedOffset(pair.Value, -1, ""));
        try
        {
            await _consumer.CommitAsync(offsets, cancellationToken);
            foreach (var (partition, offset) in offsets)
            {
                _account.Acknowledge(partition.Partition, offset.Offset);
            }
        }
        catch (CommitFailedException error)
        {
            _log.Say($"{_name} could not commit: {error.Error} {error.Message}");
        }
    }

    private void Forget(IReadOnlyList<TopicPartition> partitions)
    {
        foreach (var partition in partitions)
        {
            _read.Remove(partition);
            _startsAt.Remove(partition);
        }
    }
}
