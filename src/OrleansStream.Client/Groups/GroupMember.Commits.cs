using OrleansStream.Abstractions;

namespace OrleansStream.Client;

/// <content>Storing and finding offsets.</content>
internal sealed partial class GroupMember
{
    private const int MaxWaitingHandlers = 10_000;

    // One commit at a time: one that is tried again must not overtake or undo a later one.
    private readonly SemaphoreSlim _commitTurn = new(1);
    private readonly Dictionary<TopicPartition, long> _committed = [];
    private Dictionary<TopicPartition, CommittedOffset> _waitingOffsets = [];
    private List<(IReadOnlyDictionary<TopicPartition, CommittedOffset> Offsets, CommitHandler Handler)> _waitingHandlers = [];
    private Task _background = Task.CompletedTask;
    private ITimer? _commitTimer;
    private bool _isCommitDue;

    /// <summary>Stores offsets, and tries again while that can help.</summary>
    /// <exception cref="CommitFailedException">They were not stored.</exception>
    public async Task CommitAsync(IReadOnlyDictionary<TopicPartition, CommittedOffset> offsets, CancellationToken cancellationToken)
    {
        if (offsets.Count == 0)
        {
            return;
        }

        await _commitTurn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            while (true)
            {
                var identity = await GetCommittingIdentityAsync(offsets.Keys, cancellationToken).ConfigureAwait(false);
                var request = BuildCommit(identity, offsets);
                var answer = await _coordinator.CallAsync(
                    (grain, token) => grain.CommitOffsetsAsync(request, token),
                    static answer => answer.Error == ErrorCode.None ? FirstThatMayPass(answer.PartitionErrors) : answer.Error,
                    _options.RequestTimeout,
                    cancellationToken).ConfigureAwait(false);
                if (IsStale(answer) && Volatile.Read(ref _identity) is { IsMember: true } now && now != identity)
                {
                    // The epoch has gone on since the request was made.
                    continue;
                }

                Settle(identity, offsets, request, answer);
                return;
            }
        }
        catch (OrleansStreamException exception) when (exception is not GroupException)
        {
            throw new CommitFailedException(exception.Error, _groupId, $"Offsets of group '{_groupId}' were not committed: {exception.Message}", exception);
        }
        finally
        {
            _commitTurn.Release();
        }
    }

    /// <summary>Stores offsets behind the caller's back; those of several calls may go together.</summary>
    public void Commit(IReadOnlyDictionary<TopicPartition, CommittedOffset> offsets, CommitHandler? handler)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isClosed, typeof(IConsumer<,>));
            if (_waitingHandlers.Count >= MaxWaitingHandlers)
            {
                throw new InvalidOperationException($"{MaxWaitingHandlers} commits of group '{_groupId}' wait for the coordinator; await CommitAsync now and then.");
            }

            foreach (var (partition, offset) in offsets)
            {
                _waitingOffsets[partition] = offset;
            }

            if (handler is not null)
            {
                _waitingHandlers.Add((offsets, handler));
            }

            if (_background.IsCompleted)
            {
                _background = Task.Run(CommitWaitingAsync, CancellationToken.None);
            }
        }
    }

    /// <summary>What the group has committed; partitions without an offset are left out.</summary>
    /// <exception cref="OrleansStreamException">The coordinator does not tell.</exception>
    public async Task<IReadOnlyDictionary<TopicPartition, CommittedOffset>> FindCommittedAsync(
        IReadOnlyCollection<TopicPartition> partitions,
        CancellationToken cancellationToken)
    {
        if (partitions.Count == 0)
        {
            return new Dictionary<TopicPartition, CommittedOffset>();
        }

        return await _coordinator.FetchOffsetsAsync(
            _groupId,
            partitions,
            requireStable: _options.IsolationLevel == IsolationLevel.ReadCommitted,
            _options.RequestTimeout,
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Commits what has been processed and has changed since, and logs it if that fails.</summary>
    private async Task TryCommitProcessedAsync(IEnumerable<TopicPartition>? of, CancellationToken cancellationToken)
    {
        var offsets = Changed(Claims is { } claims ? claims.GetProcessed(of) : _core.GetProcessed(of));
        try
        {
            await CommitAsync(offsets, cancellationToken).ConfigureAwait(false);
        }
        catch (OrleansStreamException exception)
        {
            _log.CommitFailed(_groupId, exception.Message);
        }
    }

    private void StartCommitting()
    {
        lock (_gate)
        {
            if (_options.EnableAutoCommit && _commitTimer is null && !_isClosed)
            {
                _commitTimer = Time.CreateTimer(static state => ((GroupMember)state!).CommitSoon(), this, _options.AutoCommitInterval, _options.AutoCommitInterval);
            }
        }
    }

    private void CommitSoon()
    {
        Volatile.Write(ref _isCommitDue, true);
        Attend();
    }

    /// <summary>Within a read: everything that was handed out before has been processed.</summary>
    private void CommitIfDue()
    {
        if (!Volatile.Read(ref _isCommitDue))
        {
            return;
        }

        lock (_gate)
        {
            if (_join is not null || !_background.IsCompleted || (_subscription is not null && !_identity.IsMember))
            {
                // At the next interval.
                Volatile.Write(ref _isCommitDue, false);
                return;
            }
        }

        Volatile.Write(ref _isCommitDue, false);
        var offsets = Changed(Claims is { } claims ? claims.GetProcessed(null) : _core.GetProcessed());
        if (offsets.Count > 0)
        {
            Commit(offsets, LogFailure);
        }
    }

    private void LogFailure(IReadOnlyDictionary<TopicPartition, CommittedOffset> offsets, OrleansStreamException? failure)
    {
        if (failure is not null)
        {
            _log.CommitFailed(_groupId, failure.Message);
        }
    }

    private Dictionary<TopicPartition, CommittedOffset> Changed(Dictionary<TopicPartition, CommittedOffset> processed)
    {
        lock (_gate)
        {
            return processed.Where(entry => !_committed.TryGetValue(entry.Key, out var known) || known != entry.Value.Offset).ToDictionary();
        }
    }

    private async Task CommitWaitingAsync()
    {
        while (true)
        {
            Dictionary<TopicPartition, CommittedOffset> offsets;
            List<(IReadOnlyDictionary<TopicPartition, CommittedOffset> Offsets, CommitHandler Handler)> handlers;
            lock (_gate)
            {
                if (_waitingOffsets.Count == 0 && _waitingHandlers.Count == 0)
                {
                    _background = Task.CompletedTask;
                    return;
                }

                (offsets, _waitingOffsets) = (_waitingOffsets, []);
                (handlers, _waitingHandlers) = (_waitingHandlers, []);
            }

            OrleansStreamException? failure = null;
            try
            {
                await CommitAsync(offsets, _stopping.Token).ConfigureAwait(false);
            }
            catch (OrleansStreamException exception)
            {
                failure = exception;
            }
            catch (OperationCanceledException exception)
            {
                failure = new CommitFailedException(ErrorCode.RequestTimedOut, _groupId, $"The consumer was disposed before offsets of group '{_groupId}' were committed.", exception);
            }

            foreach (var (ofCall, handler) in handlers)
            {
                Notify(handler, ofCall, failure);
            }
        }
    }

    private void Notify(CommitHandler handler, IReadOnlyDictionary<TopicPartition, CommittedOffset> offsets, OrleansStreamException? failure)
    {
        try
        {
            handler(offsets, failure);
        }
#pragma warning disable CA1031 // The handler is the application's; other handlers are called all the same.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _log.HandlerFailed(_groupId, exception);
        }
    }

    /// <summary>By whose right to commit: as a member, or from outside when partitions are assigned by hand.</summary>
    private async Task<GroupIdentity> GetCommittingIdentityAsync(IEnumerable<TopicPartition> partitions, CancellationToken cancellationToken)
    {
        Task<JoinOutcome>? join;
        lock (_gate)
        {
            if (_subscription is null && !_identity.IsMember)
            {
                return GroupIdentity.None;
            }

            join = _join;
            if (join is not null && !partitions.All(_owned.Contains))
            {
                throw Refused(ErrorCode.RebalanceInProgress);
            }
        }

        if (join is { IsCompleted: false })
        {
            // What the member kept meanwhile stays its own until the reader has seen the outcome.
            await ((Task)join).WaitAsync(_options.MaxPollInterval, Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
            if (!join.IsCompletedSuccessfully)
            {
                throw Refused(ErrorCode.RebalanceInProgress);
            }
        }

        var identity = Volatile.Read(ref _identity);
        return identity.IsMember ? identity : throw Refused(ErrorCode.UnknownMemberId);
    }

    private OffsetCommitRequest BuildCommit(GroupIdentity identity, IReadOnlyDictionary<TopicPartition, CommittedOffset> offsets)
        => new(
            _groupId,
            identity.GenerationId,
            identity.MemberId,
            identity.IsMember ? _options.GroupInstanceId : null,
            RetentionTimeMs: -1,
            [
                .. offsets.GroupBy(entry => entry.Key.Topic, StringComparer.Ordinal).Select(topic => new OffsetCommitTopic(
                    topic.Key,
                    [.. topic.Select(entry => new OffsetCommitPartition(entry.Key.Partition, entry.Value.Offset, entry.Value.LeaderEpoch, entry.Value.Metadata))])),
            ]);

    private void Settle(
        GroupIdentity identity,
        IReadOnlyDictionary<TopicPartition, CommittedOffset> offsets,
        OffsetCommitRequest request,
        OffsetCommitResponse answer)
    {
        var failed = new List<(TopicPartition Partition, ErrorCode Error)>();
        lock (_gate)
        {
            for (var topic = 0; topic < request.Topics.Length && answer.Error == ErrorCode.None; topic++)
            {
                for (var index = 0; index < request.Topics[topic].Partitions.Length; index++)
                {
                    var partition = new TopicPartition(request.Topics[topic].Topic, request.Topics[topic].Partitions[index].Partition);
                    var error = topic < answer.PartitionErrors.Length ? answer.PartitionErrors[topic][index] : ErrorCode.None;
                    if (error != ErrorCode.None)
                    {
                        failed.Add((partition, error));
                    }
                    else
                    {
                        _committed[partition] = offsets[partition].Offset;
                    }
                }
            }
        }

        var whole = answer.Error != ErrorCode.None ? answer.Error : failed.Select(failure => failure.Error).FirstOrDefault(IsAboutMember);
        if (whole != ErrorCode.None)
        {
            throw Judge(identity, whole);
        }

        if (failed.Count > 0)
        {
            var (partition, error) = failed[0];
            throw new CommitFailedException(error, _groupId, $"The offset of {partition} was not committed for group '{_groupId}': {error.WireName()}.");
        }

        _log.Committed(_groupId, offsets.Count);
    }

    private CommitFailedException Judge(GroupIdentity identity, ErrorCode error)
    {
        if (error == ErrorCode.RebalanceInProgress)
        {
            RequestRejoin("a commit found a rebalance");
        }
        else if (error == ErrorCode.FencedInstanceId)
        {
            Fail(new GroupException(error, _groupId, error.Explain(_options)));
        }
        else if (error.IsLost() && identity.IsMember)
        {
            bool isCurrent;
            lock (_gate)
            {
                isCurrent = _join is null && _identity == identity;
            }

            if (!isCurrent)
            {
                return Refused(ErrorCode.RebalanceInProgress);
            }

            Lose(identity, error, $"a commit was refused with {error.WireName()}");
        }

        return Refused(error);
    }

    private CommitFailedException Refused(ErrorCode error) => new(error, _groupId, error switch
    {
        ErrorCode.RebalanceInProgress => $"Group '{_groupId}' is rebalancing; read on, and commit again what the consumer owns then.",
        ErrorCode.UnknownMemberId or ErrorCode.IllegalGeneration =>
            $"The consumer is not a member of group '{_groupId}' any more, and its partitions may belong to others; if processing took longer than MaxPollInterval ({_options.MaxPollInterval}), raise that.",
        _ => error.Explain(_options),
    });

    private static ErrorCode FirstThatMayPass(ErrorCode[][] errors)
        => errors.SelectMany(ofTopic => ofTopic).FirstOrDefault(error => error.MayRetry() && error != ErrorCode.UnknownTopicOrPartition);

    private static bool IsStale(OffsetCommitResponse answer)
        => answer.Error == ErrorCode.StaleMemberEpoch || answer.PartitionErrors.Any(ofTopic => ofTopic.Contains(ErrorCode.StaleMemberEpoch));

    private static bool IsAboutMember(ErrorCode error)
        => error is ErrorCode.RebalanceInProgress or ErrorCode.FencedInstanceId or ErrorCode.UnknownMemberId or ErrorCode.IllegalGeneration
            or ErrorCode.StaleMemberEpoch or ErrorCode.FencedMemberEpoch;
}
