using OrleansStream.Cli.Terminal;
using OrleansStream.Client;

namespace OrleansStream.Cli.Records;

/// <summary>
/// What a member of a group has written: it is committed once it has left this process, at most every few seconds, before
/// partitions go to others, and at the end. A record is written once again rather than not at all.
/// </summary>
internal sealed class GroupProgress(
    IConsumer<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> consumer,
    RecordWriter writer,
    TimeProvider time) : IRebalanceListener
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly Dictionary<TopicPartition, CommittedOffset> _written = [];
    private readonly HashSet<TopicPartition> _committed = [];
    private long _lastCommit = time.GetTimestamp();

    /// <summary>Notes that a record has been given to the writer.</summary>
    public void Written(in ConsumeResult<ReadOnlyMemory<byte>?, ReadOnlyMemory<byte>?> record)
        => _written[record.TopicPartition] = new CommittedOffset(record.Offset + 1, record.LeaderEpoch);

    /// <summary>Commits without waiting for it, since there may be nothing to do for long. What fails is in the next commit as well.</summary>
    public void CommitSoon()
    {
        if (_written.Count > 0)
        {
            consumer.Commit(new Dictionary<TopicPartition, CommittedOffset>(_written));
        }
    }

    /// <summary>Commits if it is time to.</summary>
    public async ValueTask CommitIfDueAsync(CancellationToken cancellationToken)
    {
        if (_written.Count > 0 && time.GetElapsedTime(_lastCommit) >= Interval)
        {
            await CommitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Commits everything, also where partitions without records are started from next time.</summary>
    public async ValueTask FinishAsync(CancellationToken cancellationToken)
    {
        foreach (var partition in consumer.Assignment)
        {
            if (!_written.ContainsKey(partition) && !_committed.Contains(partition) && consumer.Position(partition) is { } position)
            {
                _written[partition] = new CommittedOffset(position);
            }
        }

        await CommitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask OnPartitionsRevokedAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken cancellationToken)
    {
        await CommitAsync(cancellationToken).ConfigureAwait(false);
        _committed.ExceptWith(partitions);
    }

    /// <inheritdoc/>
    public ValueTask OnPartitionsLostAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken cancellationToken)
    {
        foreach (var partition in partitions)
        {
            _written.Remove(partition);
            _committed.Remove(partition);
        }

        return default;
    }

    private async ValueTask CommitAsync(CancellationToken cancellationToken)
    {
        writer.Flush();
        _lastCommit = time.GetTimestamp();
        if (_written.Count == 0)
        {
            return;
        }

        try
        {
            await consumer.CommitAsync(_written, cancellationToken).ConfigureAwait(false);
            _committed.UnionWith(_written.Keys);
            _written.Clear();
        }
        catch (CommitFailedException exception) when (exception.Error == ErrorCode.RebalanceInProgress)
        {
            // With the next commit, for what is still owned then.
        }
    }
}
