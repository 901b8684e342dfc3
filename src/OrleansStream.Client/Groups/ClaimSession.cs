using System.Collections.Concurrent;

namespace OrleansStream.Client;

/// <summary>Runs a handler for each claim, and ends it when the partition goes. All but <see cref="IsStuck"/> and the session's own members belongs to the reader.</summary>
internal sealed class ClaimSession<TKey, TValue>(ConsumerCore core, GroupMember group, IConsumerGroupHandler<TKey, TValue> handler)
    : IClaimSet, IConsumerGroupSession, IAsyncDisposable
{
    private readonly ConcurrentDictionary<TopicPartition, ConsumerClaim<TKey, TValue>> _claims = new();
    private Exception? _failure;
    private volatile bool _isLost;

    public ConsumerGroupMetadata Metadata => group.Metadata;

    public IReadOnlyCollection<TopicPartition> Claims => [.. _claims.Keys];

    public bool IsLost => _isLost;

    public bool IsStuck => _claims.Values.Aggregate(false, (stuck, claim) => claim.IsStuck(core.Context.Time, core.Options.MaxPollInterval) || stuck);

    /// <summary>Why a handler has failed; null if none has.</summary>
    public Exception? Failure => Volatile.Read(ref _failure);

    public async ValueTask CommitAsync(CancellationToken cancellationToken = default)
        => await group.CommitAsync(GetProcessed(null), cancellationToken).ConfigureAwait(false);

    public void Route(ConsumeBatch<TKey, TValue> batch)
    {
        if (_claims.TryGetValue(batch.TopicPartition, out var claim))
        {
            claim.Add(batch);
        }
    }

    public async ValueTask BeginAsync(IReadOnlyList<TopicPartition> partitions, ConsumerGroupMetadata metadata, CancellationToken cancellationToken)
    {
        if (partitions.Count == 0)
        {
            return;
        }

        _isLost = false;
        var claims = partitions.Select(partition => new ConsumerClaim<TKey, TValue>(core, group, partition, metadata.GenerationId)).ToArray();
        foreach (var claim in claims)
        {
            _claims[claim.TopicPartition] = claim;
        }

        try
        {
            await handler.SetupAsync(this, cancellationToken).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // The handler's failure ends the consuming of claims, which throws it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Fail(exception);
            return;
        }

        foreach (var claim in claims)
        {
            claim.Handler = Task.Run(() => HandleAsync(claim), CancellationToken.None);
        }
    }

    public async ValueTask EndAsync(IReadOnlyList<TopicPartition> partitions, bool areLost, CancellationToken cancellationToken)
    {
        _isLost |= areLost;
        var ending = partitions.Select(partition => _claims.GetValueOrDefault(partition)).OfType<ConsumerClaim<TKey, TValue>>().ToArray();
        if (ending.Length == 0)
        {
            return;
        }

        foreach (var claim in ending)
        {
            claim.End();
        }

        // Never two of one partition: it waits for as long as that takes.
        await Task.WhenAll(ending.Select(claim => claim.Handler)).WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await handler.CleanupAsync(this, cancellationToken).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // As above: the rebalance goes on, and the failure is thrown after it.
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            Fail(exception);
        }

        if (areLost)
        {
            Remove(ending);
        }
    }

    public Dictionary<TopicPartition, CommittedOffset> GetProcessed(IEnumerable<TopicPartition>? of)
    {
        var processed = new Dictionary<TopicPartition, CommittedOffset>();
        foreach (var partition in of ?? _claims.Keys)
        {
            if (_claims.TryGetValue(partition, out var claim) && claim.Processed is { } offset)
            {
                processed.Add(partition, offset);
            }
        }

        return processed;
    }

    public void Parted(IReadOnlyList<TopicPartition> partitions)
        => Remove([.. partitions.Select(partition => _claims.GetValueOrDefault(partition)).OfType<ConsumerClaim<TKey, TValue>>()]);

    /// <summary>Ends all claims; the consumer stands where they have come to.</summary>
    public async ValueTask DisposeAsync()
    {
        var all = _claims.Values.ToArray();
        await EndAsync([.. _claims.Keys], areLost: false, CancellationToken.None).ConfigureAwait(false);
        foreach (var claim in all)
        {
            if (claim.Resume is { } offset)
            {
                core.SeekIfAssigned(claim.TopicPartition, OffsetSpec.At(offset));
            }

            core.SetBlocked(claim.TopicPartition, isBlocked: false);
        }

        Remove(all);
    }

    private void Remove(ConsumerClaim<TKey, TValue>[] claims)
    {
        foreach (var claim in claims)
        {
            _claims.TryRemove(claim.TopicPartition, out _);
            claim.Dispose();
        }
    }

    private async Task HandleAsync(ConsumerClaim<TKey, TValue> claim)
    {
        try
        {
            await handler.ConsumeClaimAsync(this, claim, claim.Ended).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (claim.Ended.IsCancellationRequested)
        {
            // The claim has ended.
        }
#pragma warning disable CA1031 // As above.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Fail(exception);
        }
    }

    private void Fail(Exception exception)
    {
        Interlocked.CompareExchange(ref _failure, exception, null);
        core.Wake();
    }
}
