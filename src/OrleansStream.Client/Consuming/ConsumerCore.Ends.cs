using OrleansStream.Abstractions;

namespace OrleansStream.Client;

/// <content>Where partitions end, and how many a topic has.</content>
internal sealed partial class ConsumerCore
{
    /// <summary>Whether no batch is being handed out.</summary>
    public bool IsBetweenBatches => Volatile.Read(ref _current) is null;

    /// <summary>The ends of all assigned partitions that the isolation level allows to see.</summary>
    public async Task<IReadOnlyDictionary<TopicPartition, long>> QueryEndsAsync(CancellationToken cancellationToken)
    {
        var partitions = Assignment;
        var ends = await Task.WhenAll(partitions.Select(partition => FindAsync(partition, ListOffsetTimestamps.Latest, Options.IsolationLevel, cancellationToken))).ConfigureAwait(false);
        return partitions.Zip(ends).ToDictionary(pair => pair.First, pair => pair.Second);
    }

    public async ValueTask<Watermarks> QueryWatermarksAsync(TopicPartition partition, CancellationToken cancellationToken)
    {
        var start = FindAsync(partition, ListOffsetTimestamps.Earliest, IsolationLevel.ReadUncommitted, cancellationToken);
        var end = FindAsync(partition, ListOffsetTimestamps.Latest, IsolationLevel.ReadUncommitted, cancellationToken);
        var stable = FindAsync(partition, ListOffsetTimestamps.Latest, IsolationLevel.ReadCommitted, cancellationToken);
        await Task.WhenAll(start, end, stable).ConfigureAwait(false);
        return new Watermarks(await start.ConfigureAwait(false), await end.ConfigureAwait(false), await stable.ConfigureAwait(false));
    }

    public bool IsAtEnd(TopicPartition topicPartition)
    {
        lock (_gate)
        {
            var partition = Find(topicPartition);
            return partition is { HasPosition: true, Watermarks: { } watermarks }
                && partition.Position >= (Options.IsolationLevel == IsolationLevel.ReadCommitted ? watermarks.LastStableOffset : watermarks.HighWatermark);
        }
    }

    public async ValueTask<int> GetPartitionCountAsync(string topic, CancellationToken cancellationToken)
    {
        var started = Time.GetTimestamp();
        var backoff = new RetryBackoff(Options.RetryBackoff, Options.RetryBackoffMax);
        while (true)
        {
            var entry = await Context.Metadata.GetAsync(topic, false, cancellationToken).ConfigureAwait(false);
            if (entry.Topic.Error == ErrorCode.None && entry.PartitionCount > 0)
            {
                return entry.PartitionCount;
            }

            var error = entry.Topic.Error == ErrorCode.None ? ErrorCode.LeaderNotAvailable : entry.Topic.Error;
            var pause = backoff.Next();
            if (!error.MayRetry() || Time.GetElapsedTime(started) + pause >= Options.UnknownTopicTimeout)
            {
                throw new OrleansStreamException(
                    error,
                    error == ErrorCode.UnknownTopicOrPartition ? $"There is no topic '{topic}'." : $"Topic '{topic}' cannot be read: {error.Explain()}.");
            }

            await Task.Delay(pause, Time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<long> FindAsync(TopicPartition partition, long timestamp, IsolationLevel isolationLevel, CancellationToken cancellationToken)
    {
        var answer = await Context.CallLeaderAsync(
            partition,
            (grain, leaderEpoch, token) => grain.ListOffsetAsync(new ListOffsetRequest(timestamp, leaderEpoch, isolationLevel), token),
            static answer => answer.Error,
            cancellationToken).ConfigureAwait(false);
        return answer.Error == ErrorCode.None
            ? answer.Offset
            : throw new OrleansStreamException(answer.Error, $"The offsets of {partition} cannot be listed: {answer.Error.Explain()}.");
    }
}
