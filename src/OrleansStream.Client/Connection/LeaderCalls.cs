using OrleansStream.Abstractions;

namespace OrleansStream.Client;

/// <summary>Single requests to the leader of a partition, tried again while there may be another leader.</summary>
internal static class LeaderCalls
{
    // A topic that was created a moment ago through another broker may not be known here yet.
    private static readonly TimeSpan UnknownTopicPatience = TimeSpan.FromSeconds(2);

    /// <summary>The metadata of a partition that has a leader.</summary>
    /// <exception cref="OrleansStreamException">It does not exist or has none.</exception>
    public static PartitionMetadata RequireLeader(TopicEntry entry, TopicPartition topicPartition)
    {
        if (entry.Topic.Error is not (ErrorCode.None or ErrorCode.UnknownTopicOrPartition))
        {
            throw new OrleansStreamException(entry.Topic.Error, $"Topic '{topicPartition.Topic}': {entry.Topic.Error.Explain()}.");
        }

        if (entry.Topic.Error == ErrorCode.UnknownTopicOrPartition)
        {
            throw new OrleansStreamException(ErrorCode.UnknownTopicOrPartition, $"There is no topic '{topicPartition.Topic}'.");
        }

        if (entry.Partition(topicPartition.Partition) is not { } partition)
        {
            throw new OrleansStreamException(
                ErrorCode.UnknownTopicOrPartition,
                $"Topic '{topicPartition.Topic}' has no partition {topicPartition.Partition}; it has {entry.PartitionCount}, numbered from 0.");
        }

        return partition.Leader >= 0
            ? partition
            : throw new OrleansStreamException(ErrorCode.LeaderNotAvailable, $"{topicPartition} has no leader at the moment.");
    }

    /// <summary>Calls the leader until it answers something that is final, or the client's request time-out ends.</summary>
    /// <exception cref="OrleansStreamException">No leader answered; its code says why.</exception>
    public static async Task<T> CallLeaderAsync<T>(
        this ClientContext context,
        TopicPartition topicPartition,
        Func<IPartitionGrain, int, CancellationToken, Task<T>> call,
        Func<T, ErrorCode> errorOf,
        CancellationToken cancellationToken)
    {
        var started = context.Time.GetTimestamp();
        var backoff = new RetryBackoff(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(1));
        var version = -1L;
        var refresh = false;
        while (true)
        {
            Exception failure;
            var asked = -1;
            try
            {
                var entry = refresh
                    ? await context.Metadata.RefreshAsync(topicPartition.Topic, version, false, cancellationToken).ConfigureAwait(false)
                    : await context.Metadata.GetAsync(topicPartition.Topic, false, cancellationToken).ConfigureAwait(false);
                version = entry.Version;
                var partition = RequireLeader(entry, topicPartition);
                asked = partition.Leader;
                var factory = await context.GetGrainFactoryAsync(partition.Leader, cancellationToken).ConfigureAwait(false);
                var grain = factory.GetGrain<IPartitionGrain>(new PartitionGrainKey(topicPartition, partition.Leader).ToString());
                var answer = await context.WhileLeadingAsync(
                    call(grain, partition.LeaderEpoch, cancellationToken), [topicPartition], partition.Leader, TimeSpan.Zero, context.Options.RequestTimeout, cancellationToken).ConfigureAwait(false);
                if (!errorOf(answer).MayRetry())
                {
                    return answer;
                }

                failure = new OrleansStreamException(errorOf(answer), $"{topicPartition}: {errorOf(answer).Explain()}.");
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                failure = exception;
                context.Failed(asked, exception);
            }

            var error = CallFailures.ToErrorCode(failure);
            refresh = true;
            var patience = error == ErrorCode.UnknownTopicOrPartition && UnknownTopicPatience < context.Options.RequestTimeout
                ? UnknownTopicPatience
                : context.Options.RequestTimeout;
            var pause = backoff.Next();
            if (!error.MayRetry() || context.Time.GetElapsedTime(started) + pause >= patience)
            {
                throw failure as OrleansStreamException
                    ?? new OrleansStreamException(error, $"The leader of {topicPartition} did not answer: {failure.Message}", failure);
            }

            await Task.Delay(pause, context.Time, cancellationToken).ConfigureAwait(false);
        }
    }
}
