namespace OrleansStream.Client;

/// <summary>Waits for a leader's answer, but no longer than it leads: a broker that stands still never answers, and another leads soon.</summary>
internal static class LeaderWatch
{
    /// <summary>How long a call is waited for before somebody else is asked who leads, and between two such questions.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);

    /// <summary>The answer of a call to the leader of some partitions.</summary>
    /// <param name="context">The client.</param>
    /// <param name="call">The call; when it is given up it goes on by itself.</param>
    /// <param name="partitions">The partitions that it is about.</param>
    /// <param name="leader">The broker that was asked.</param>
    /// <param name="wait">How long the leader may wait before it answers.</param>
    /// <param name="timeout">How long to wait at most.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="TimeoutException">No answer came in time.</exception>
    /// <exception cref="OrleansStreamException">Another broker leads one of the partitions by now (<see cref="ErrorCode.NotLeaderOrFollower"/>); whether the call had an effect is not known.</exception>
    public static async Task<T> WhileLeadingAsync<T>(
        this ClientContext context,
        Task<T> call,
        IReadOnlyCollection<TopicPartition> partitions,
        int leader,
        TimeSpan wait,
        TimeSpan timeout,
        CancellationToken cancellationToken)
    {
        var started = context.Time.GetTimestamp();
        var patience = wait + Period;
        while (true)
        {
            var left = timeout - context.Time.GetElapsedTime(started);
            if (left <= patience)
            {
                return await call.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, context.Time, cancellationToken).ConfigureAwait(false);
            }

            try
            {
                return await call.WaitAsync(patience, context.Time, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException) when (!call.IsCompleted)
            {
                patience = Period;
            }

            var look = IsLedByAnotherAsync(context, partitions, leader, cancellationToken);
            if (await Task.WhenAny(call, look).WaitAsync(left - patience, context.Time, cancellationToken).ConfigureAwait(false) == look && await look.ConfigureAwait(false))
            {
                throw new OrleansStreamException(ErrorCode.NotLeaderOrFollower, $"Broker {leader} did not answer, and others lead what it was asked for by now.");
            }
        }
    }

    private static async Task<bool> IsLedByAnotherAsync(ClientContext context, IReadOnlyCollection<TopicPartition> partitions, int leader, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var topic in partitions.GroupBy(partition => partition.Topic, StringComparer.Ordinal))
            {
                var known = context.Metadata.TryGet(topic.Key);
                if (topic.Any(partition => IsLedByAnother(known, partition, leader)))
                {
                    return true;
                }

                var now = await context.Metadata.RefreshAsync(topic.Key, known?.Version ?? -1, allowCreation: false, cancellationToken).ConfigureAwait(false);
                if (topic.Any(partition => IsLedByAnother(now, partition, leader)))
                {
                    return true;
                }
            }
        }
#pragma warning disable CA1031 // Who cannot be asked now is asked again; the call itself has its own time.
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            return false;
        }

        return false;
    }

    private static bool IsLedByAnother(TopicEntry? entry, TopicPartition partition, int leader)
        => entry?.Partition(partition.Partition) is { Leader: >= 0 and var now } && now != leader;
}
