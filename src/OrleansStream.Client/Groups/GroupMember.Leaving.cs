using OrleansStream.Abstractions;

namespace OrleansStream.Client;

/// <content>The end of a membership.</content>
internal sealed partial class GroupMember
{
    // How long disposal waits for a coordinator that may be gone.
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);

    // The reader's steps and the end of the membership exclude each other.
    private readonly SemaphoreSlim _stepTurn = new(1);

    /// <summary>Commits, gives everything back and leaves; the consumer may subscribe again.</summary>
    public async Task UnsubscribeAsync(CancellationToken cancellationToken)
    {
        await _stepTurn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await EndMembershipAsync("unsubscribes", leave: true, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _stepTurn.Release();
        }
    }

    /// <summary>
    /// Commits, gives everything back, leaves unless it is a static member, and ends what goes on in the background. A listener's failure is
    /// thrown when all that is done.
    /// </summary>
    public async Task CloseAsync()
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return;
            }
        }

        try
        {
            await PartAndLeaveAsync().ConfigureAwait(false);
        }
        finally
        {
            _commitTimer?.Dispose();
            await _stopping.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(_heartbeats ?? Task.CompletedTask, _watch ?? Task.CompletedTask, _background).ConfigureAwait(false);
        }
    }

    private async Task PartAndLeaveAsync()
    {
        using var patience = new CancellationTokenSource(Farewell, Time);
        var hasTurn = false;
        try
        {
            await _stepTurn.WaitAsync(patience.Token).ConfigureAwait(false);
            hasTurn = true;
            await EndMembershipAsync("is disposed", _options.LeaveGroupOnDispose, patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            _log.CannotLeave(_groupId, hasTurn ? $"the end took longer than {Farewell}" : $"a listener or handler has been busy for {Farewell}");
        }
        finally
        {
            lock (_gate)
            {
                _isClosed = true;
            }

            if (hasTurn)
            {
                _stepTurn.Release();
            }
        }
    }

    private async Task EndMembershipAsync(string reason, bool leave, CancellationToken cancellationToken)
    {
        Task<JoinOutcome>? join;
        TopicPartition[] owned;
        bool isLost;
        lock (_gate)
        {
            join = _join;
            _joinCancellation?.Cancel();
            owned = [.. _owned.Order()];
            isLost = _lostBecause is not null;
        }

        if (join is not null)
        {
            await ((Task)join).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        GroupIdentity identity;
        lock (_gate)
        {
            _join = null;
            _rejoinReason = null;
            _lostBecause = null;
            _failure = null;
            identity = _identity;
        }

        try
        {
            if (isLost)
            {
                await LoseAsync(reason, cancellationToken).ConfigureAwait(false);
            }
            else if (owned.Length > 0 || IsSubscribed)
            {
                await FinishAsync(owned, cancellationToken).ConfigureAwait(false);
                (await RevokeAsync(owned, cancellationToken).ConfigureAwait(false))?.Throw();
            }
            else if (_options.EnableAutoCommit)
            {
                await TryCommitProcessedAsync(null, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            lock (_gate)
            {
                _subscription = null;
                Volatile.Write(ref _identity, GroupIdentity.None);
                _topics = [];
                _assignedCounts = null;
            }

            if (leave && identity.MemberId.Length > 0 && (_options.GroupInstanceId is null || _options.GroupProtocol == GroupProtocol.Consumer))
            {
                await LeaveAsync(identity, reason).ConfigureAwait(false);
            }
        }
    }

    private async Task LeaveAsync(GroupIdentity identity, string reason)
    {
        _log.Leaving(_groupId, identity.MemberId, reason);
        using var patience = new CancellationTokenSource(Farewell, Time);
        try
        {
            if (_options.GroupProtocol == GroupProtocol.Consumer)
            {
                await LeaveByConsumerProtocolAsync(identity, patience.Token).ConfigureAwait(false);
                return;
            }

            var request = new LeaveGroupRequest(_groupId, [new LeavingMember(identity.MemberId, _options.GroupInstanceId, reason)]);
            await _coordinator.CallOnceAsync(
                (grain, token) => grain.LeaveGroupAsync(request, token),
                static answer => answer.Error,
                Farewell,
                patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            // No coordinator was found in time, or it was silent.
            _log.CannotLeave(_groupId, $"no coordinator answered within {Farewell}");
        }
        catch (OrleansStreamException exception)
        {
            // Without its heartbeats the group finds out by itself.
            _log.CannotLeave(_groupId, exception.Message);
        }
    }
}
