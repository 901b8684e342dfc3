using System.Runtime.ExceptionServices;

namespace OrleansStream.Client;

/// <content>The reader's part of a rebalance: giving partitions back and taking new ones.</content>
internal sealed partial class GroupMember
{
    private HashSet<TopicPartition> _paused = [];

    /// <summary>Processes in parallel, if the application wants that; null if the reader processes.</summary>
    public IClaimSet? Claims { get; set; }

    /// <summary>Gives back what has to be before the member joins again.</summary>
    private async ValueTask PrepareAsync(CancellationToken cancellationToken)
    {
        TopicPartition[] revoked;
        lock (_gate)
        {
            if (_isPrepared)
            {
                return;
            }

            // By the cooperative protocol only what is not subscribed to any more, which nobody could assign again.
            revoked =
            [
                .. _owned.Where(partition => (_rebalanceProtocol == RebalanceProtocol.Eager && _options.GroupProtocol == GroupProtocol.Classic)
                    || !IsWanted(partition.Topic)).Order(),
            ];
        }

        if (revoked.Length > 0)
        {
            _paused = _core.GetPaused();
            await FinishAsync(revoked, cancellationToken).ConfigureAwait(false);
        }

        _isPrepared = true;
        if (await RevokeAsync(revoked, cancellationToken).ConfigureAwait(false) is { } failure)
        {
            failure.Throw();
        }
    }

    /// <summary>Carries out what a join has brought.</summary>
    private async ValueTask ApplyAsync(JoinOutcome outcome, CancellationToken cancellationToken)
    {
        TopicPartition[] revoked;
        TopicPartition[] added;
        lock (_gate)
        {
            if (outcome.Failure is { } fatal)
            {
                _failure = fatal;
                return;
            }

            if (outcome.LostBecause is { } reason)
            {
                _lostBecause = reason;
                _rejoinReason ??= reason;
                return;
            }

            if (_subscription is null || !IsCurrent(outcome.Identity))
            {
                // Unsubscribed meanwhile, or the heartbeat has found the session gone and another join is due.
                return;
            }

            revoked = [.. _owned.Except(outcome.Assignment).Order()];
            added = [.. outcome.Assignment.Where(partition => !_owned.Contains(partition) && IsWanted(partition.Topic)).Order()];
        }

        try
        {
            await FinishAsync(revoked, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            lock (_gate)
            {
                _join = Task.FromResult(outcome);
            }

            throw;
        }

        var failure = await RevokeAsync(revoked, cancellationToken).ConfigureAwait(false);
        if (revoked.Length > 0 && _options.GroupProtocol == GroupProtocol.Classic)
        {
            RequestRejoin("has given partitions back");
        }

        Take(added, outcome);
        _log.Joined(_groupId, outcome.Identity.MemberId, outcome.Identity.GenerationId, outcome.Protocol, _owned.Count, added.Length, revoked.Length);
        failure ??= await TellAsync(listener => listener.OnPartitionsAssignedAsync(added, cancellationToken)).ConfigureAwait(false);
        if (Claims is { } claims)
        {
            await claims.BeginAsync(added, Metadata, cancellationToken).ConfigureAwait(false);
        }

        failure?.Throw();
    }

    private void Take(TopicPartition[] added, JoinOutcome outcome)
    {
        lock (_gate)
        {
            _owned.UnionWith(added);
            foreach (var (partition, committed) in outcome.Committed)
            {
                _committed[partition] = committed.Offset;
            }
        }

        if (added.Length > 0)
        {
            _core.Assign(added.Select(partition => new TopicPartitionOffset(partition, StartOf(partition, outcome.Committed))));
            _core.SetPaused(added.Where(_paused.Contains), isPaused: true);
        }

        _paused = [];
        OnTaken();
    }

    private OffsetSpec StartOf(TopicPartition partition, IReadOnlyDictionary<TopicPartition, CommittedOffset> committed)
        => committed.TryGetValue(partition, out var found) ? OffsetSpec.At(found.Offset) : _options.AutoOffsetReset switch
        {
            AutoOffsetReset.Earliest => OffsetSpec.Earliest,
            AutoOffsetReset.Latest => OffsetSpec.Latest,
            _ => OffsetSpec.Committed,
        };

    /// <summary>Parts from everything, since it may belong to others already.</summary>
    private async ValueTask LoseAsync(string reason, CancellationToken cancellationToken)
    {
        TopicPartition[] lost;
        lock (_gate)
        {
            _lostBecause = null;
            lost = [.. _owned.Order()];
        }

        if (lost.Length == 0)
        {
            return;
        }

        _log.Lost(_groupId, _identity.MemberId, lost.Length, reason);
        if (Claims is { } claims)
        {
            await claims.EndAsync(lost, areLost: true, cancellationToken).ConfigureAwait(false);
        }

        var failure = await TellAsync(listener => listener.OnPartitionsLostAsync(lost, cancellationToken)).ConfigureAwait(false);
        Part(lost);
        failure?.Throw();
    }

    /// <summary>Waits until nothing is processed of the partitions any more, and commits how far that has come.</summary>
    private async ValueTask FinishAsync(TopicPartition[] partitions, CancellationToken cancellationToken)
    {
        if (partitions.Length == 0)
        {
            return;
        }

        if (Claims is { } claims)
        {
            await claims.EndAsync(partitions, areLost: false, cancellationToken).ConfigureAwait(false);
        }

        if (_options.EnableAutoCommit)
        {
            await TryCommitProcessedAsync(partitions, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask<ExceptionDispatchInfo?> RevokeAsync(TopicPartition[] revoked, CancellationToken cancellationToken)
    {
        if (revoked.Length == 0)
        {
            return null;
        }

        var failure = await TellAsync(listener => listener.OnPartitionsRevokedAsync(revoked, cancellationToken)).ConfigureAwait(false);
        Part(revoked);
        return failure;
    }

    private void Part(TopicPartition[] partitions)
    {
        lock (_gate)
        {
            _owned.ExceptWith(partitions);
            foreach (var partition in partitions)
            {
                _committed.Remove(partition);
            }
        }

        Claims?.Parted(partitions);
        _core.Unassign(partitions);
    }

    /// <summary>Calls the listener; its failure must not stop the rebalance in the middle.</summary>
    private async ValueTask<ExceptionDispatchInfo?> TellAsync(Func<IRebalanceListener, ValueTask> call)
    {
        if (Volatile.Read(ref _subscription)?.Listener is not { } listener)
        {
            return null;
        }

        try
        {
            await call(listener).ConfigureAwait(false);
            return null;
        }
#pragma warning disable CA1031 // The listener is the application's; its failure is thrown by the read once the rebalance is carried out.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return ExceptionDispatchInfo.Capture(exception);
        }
    }

    /// <summary>By the consumer protocol the epoch goes on while a target is gone over to.</summary>
    private bool IsCurrent(GroupIdentity identity)
        => _options.GroupProtocol == GroupProtocol.Consumer
            ? _identity.IsMember && _identity.MemberId == identity.MemberId
            : _identity == identity;

    private bool IsWanted(string topic)
        => _subscription is { } subscription && (subscription.Pattern?.IsMatch(topic) ?? subscription.Topics.Contains(topic, StringComparer.Ordinal));
}
