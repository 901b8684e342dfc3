namespace OrleansStream.Client;

/// <summary>Waits for a leader's answer, but no longer than it leads: a broker that stands still never answers, and another leads soon.</summary>
internal static class LeaderWatch
{
    /// <summary>How long a call is waited for before somebody else is asked who leads.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    /// <summary>The time between two such questions.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(250);

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
        var patience = wait + Patience;
        if (timeout > patience)
        {
            try
            {
                return await call.WaitAsync(patience, context.Time, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException) when (!call.IsCompleted)
            {
                // Who is slow is not asked about itself first.
                context.Suspect(leader);
            }
        }

        while (true)
        {
            var left = timeout - context.Time.GetElapsedTime(started);
            if (left <= Period)
            {
                return await call.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, context.Time, cancellationToken).ConfigureAwait(false);
            }

            var look = IsLedByAnotherAsync(context, partitions, leader, cancellationToken);
            if (await Task.WhenAny(call, look).WaitAsync(left, context.Time, cancellationToken).ConfigureAwait(false) == look && await look.ConfigureAwait(false))
            {
                throw LedByAnother(leader);
            }

            if (await IsOverWithinAsync(context, Period, call, partitions, leader, cancellationToken).ConfigureAwait(false))
            {
                throw LedByAnother(leader);
            }

            if (call.IsCompleted)
            {
                return await call.ConfigureAwait(false);
            }
        }
    }

    /// <summary>Waits for a while: whether the answer to somebody else's question says meanwhile that others lead. Ends with the call.</summary>
    private static async Task<bool> IsOverWithinAsync(
        ClientContext context, TimeSpan period, Task call, IReadOnlyCollection<TopicPartition> partitions, int leader, CancellationToken cancellationToken)
    {
        var pause = Task.Delay(period, context.Time, cancellationToken);
        while (!call.IsCompleted && !pause.IsCompleted)
        {
            var refreshed = context.Metadata.WhenRefreshed;
            if (partitions.Any(partition => IsLedByAnother(context.Metadata.TryGet(partition.Topic), partition, leader)))
            {
                return true;
            }

            await Task.WhenAny(call, pause, refreshed).ConfigureAwait(false);
        }

        cancellationToken.ThrowIfCancellationRequested();
        return false;
    }

    private static OrleansStreamException LedByAnother(int leader)
        => new(ErrorCode.NotLeaderOrFollower, $"Broker {leader} did not answer, and others lead what it was asked for by now.");

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
