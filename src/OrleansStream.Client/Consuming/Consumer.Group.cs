using System.Runtime.ExceptionServices;
using System.Text.RegularExpressions;

namespace OrleansStream.Client;

/// <content>Membership of a group.</content>
internal sealed partial class Consumer<TKey, TValue>
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Subscription => _core.Group?.Subscription ?? [];

    /// <inheritdoc/>
    public ConsumerGroupMetadata? GroupMetadata => _core.Group?.Metadata;

    private GroupMember Group => _core.Group
        ?? throw new InvalidOperationException("The consumer has no group; set ConsumerOptions.GroupId.");

    /// <inheritdoc/>
    public void Subscribe(params IEnumerable<string> topics) => Subscribe(topics, null);

    /// <inheritdoc/>
    public void Subscribe(IEnumerable<string> topics, IRebalanceListener? listener)
    {
        ArgumentNullException.ThrowIfNull(topics);
        string[] names = [.. topics.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        if (names.Length == 0)
        {
            throw new ArgumentException("No topic is given; UnsubscribeAsync ends a subscription.", nameof(topics));
        }

        if (names.Any(string.IsNullOrWhiteSpace))
        {
            throw new ArgumentException("The name of a topic is empty.", nameof(topics));
        }

        Group.Subscribe(new GroupSubscription(names, null, listener));
    }

    /// <inheritdoc/>
    public void Subscribe(Regex pattern, IRebalanceListener? listener = null)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        Group.Subscribe(new GroupSubscription([], pattern, listener));
    }

    /// <inheritdoc/>
    public async ValueTask UnsubscribeAsync(CancellationToken cancellationToken = default)
    {
        if (_core.Group is { } group)
        {
            await group.UnsubscribeAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask CommitAsync(CancellationToken cancellationToken = default)
        => await Group.CommitAsync(_core.GetPositions(), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask CommitAsync(ConsumeResult<TKey, TValue> record, CancellationToken cancellationToken = default)
        => await Group.CommitAsync(
            new Dictionary<TopicPartition, CommittedOffset> { [record.TopicPartition] = new(record.Offset + 1, record.LeaderEpoch) },
            cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask CommitAsync(IReadOnlyDictionary<TopicPartition, CommittedOffset> offsets, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(offsets);
        await Group.CommitAsync(offsets, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Commit(CommitHandler? handler = null) => Group.Commit(_core.GetPositions(), handler);

    /// <inheritdoc/>
    public void Commit(IReadOnlyDictionary<TopicPartition, CommittedOffset> offsets, CommitHandler? handler = null)
    {
        ArgumentNullException.ThrowIfNull(offsets);
        Group.Commit(offsets, handler);
    }

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyDictionary<TopicPartition, CommittedOffset>> GetCommittedAsync(
        IEnumerable<TopicPartition> partitions,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(partitions);
        return await Group.FindCommittedAsync([.. partitions], cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public long? GetLag(TopicPartition partition) => _core.Read(partition, state =>
        state is { HasPosition: true, Watermarks: { } watermarks }
            ? Math.Max(0, (_core.Options.IsolationLevel == IsolationLevel.ReadCommitted ? watermarks.LastStableOffset : watermarks.HighWatermark) - state.Position)
            : (long?)null);

    /// <inheritdoc/>
    public async Task ConsumeClaimsAsync(IConsumerGroupHandler<TKey, TValue> handler, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(handler);
        var group = Group;
        if (!group.IsSubscribed)
        {
            throw new InvalidOperationException("The consumer subscribes to nothing; call Subscribe first.");
        }

        _core.BeginReading();
        group.EnterCall();
        var session = new ClaimSession<TKey, TValue>(_core, group, handler);
        group.Claims = session;
        OperationCanceledException? cancelled = null;
        try
        {
            // Partitions from an earlier read go on as claims.
            await session.BeginAsync([.. _core.Assignment.Order()], group.Metadata, cancellationToken).ConfigureAwait(false);
            while (session.Failure is null)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var seen = _core.Signals;
                if (_core.NeedsAttention)
                {
                    await group.AttendAsync(cancellationToken).ConfigureAwait(false);
                }

                while (TryNextBatch(out var batch))
                {
                    session.Route(batch);
                }

                if (session.Failure is null)
                {
                    await _core.WaitAsync(seen).WaitAsync(cancellationToken).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException exception) when (cancellationToken.IsCancellationRequested)
        {
            // What the handlers say to that comes first.
            cancelled = exception;
        }
        finally
        {
            await session.DisposeAsync().ConfigureAwait(false);
            group.Claims = null;
            _core.Confirm();
            group.LeaveCall();
            _core.EndReading();
        }

        ExceptionDispatchInfo.Throw(session.Failure ?? cancelled!);
    }

    private void ThrowIfSubscribed()
    {
        if (_core.Group is { IsSubscribed: true })
        {
            throw new InvalidOperationException("The consumer subscribes to topics, and its group assigns the partitions; end that with UnsubscribeAsync first.");
        }
    }
}
