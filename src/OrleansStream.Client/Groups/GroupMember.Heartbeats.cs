using OrleansStream.Abstractions;

namespace OrleansStream.Client;

/// <content>Signs of life: to the coordinator from here, and from the reader to here.</content>
internal sealed partial class GroupMember
{
    private Task? _heartbeats;
    private long _lastHeartbeat;
    private long _lastRead;
    private int _seenHandOuts;
    private int _callDepth;
    private TaskCompletionSource _beatNow = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>A read begins.</summary>
    public void BeginReading()
    {
        if (_commitTimer is null)
        {
            StartCommitting();
        }
    }

    /// <summary>A read has ended.</summary>
    public void EndReading() => Volatile.Write(ref _lastRead, Time.GetTimestamp());

    /// <summary>The reader waits here, so it is not busy with records.</summary>
    public void EnterCall() => Interlocked.Increment(ref _callDepth);

    /// <summary>The reader goes back to the application.</summary>
    public void LeaveCall()
    {
        Volatile.Write(ref _lastRead, Time.GetTimestamp());
        Interlocked.Decrement(ref _callDepth);
    }

    private void StartHeartbeats()
    {
        lock (_gate)
        {
            _lastHeartbeat = Time.GetTimestamp();
            if (!_isClosed)
            {
                _heartbeats ??= Task.Run(HeartbeatAsync, CancellationToken.None);
            }
        }
    }

    private async Task HeartbeatAsync()
    {
        var pause = Interval;
        try
        {
            while (true)
            {
                await PauseAsync(pause).ConfigureAwait(false);
                pause = Interval;
                if (!Volatile.Read(ref _identity).IsMember)
                {
                    continue;
                }

                try
                {
                    if (HasReaderGone())
                    {
                        await ExpireAsync().ConfigureAwait(false);
                    }
                    else if (!await BeatAsync().ConfigureAwait(false))
                    {
                        pause = _options.RetryBackoff < pause ? _options.RetryBackoff : pause;
                    }
                }
#pragma warning disable CA1031 // Without heartbeats the member would be gone and never know: whoever polls is told, and they go on.
                catch (Exception exception) when (exception is not OperationCanceledException || !_stopping.IsCancellationRequested)
#pragma warning restore CA1031
                {
                    Fail(new GroupException(ErrorCode.UnknownServerError, _groupId, $"A heartbeat of group '{_groupId}' failed: {exception.Message}", exception));
                }
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The consumer is disposed.
        }
    }

    private TimeSpan Interval
    {
        get
        {
            var wanted = _options.GroupProtocol == GroupProtocol.Consumer && _serverInterval > TimeSpan.Zero ? _serverInterval : _options.HeartbeatInterval;
            return wanted < _options.MaxPollInterval ? wanted : _options.MaxPollInterval;
        }
    }

    /// <summary>Sends the next heartbeat without waiting for its time.</summary>
    private void Beat() => Volatile.Read(ref _beatNow).TrySetResult();

    private async Task PauseAsync(TimeSpan pause)
    {
        try
        {
            await Volatile.Read(ref _beatNow).Task.WaitAsync(pause, Time, _stopping.Token).ConfigureAwait(false);
            Volatile.Write(ref _beatNow, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }
        catch (TimeoutException)
        {
            // The usual end.
        }
    }

    /// <summary>One heartbeat; false when it did not get through.</summary>
    private async Task<bool> BeatAsync()
    {
        var identity = Volatile.Read(ref _identity);
        ErrorCode error;
        try
        {
            var timeout = _options.SessionTimeout < _options.RequestTimeout ? _options.SessionTimeout : _options.RequestTimeout;
            error = _options.GroupProtocol == GroupProtocol.Consumer
                ? await BeatByConsumerProtocolAsync(identity, timeout).ConfigureAwait(false)
                : await _coordinator.CallOnceAsync(
                    (grain, token) => grain.HeartbeatAsync(new GroupHeartbeatRequest(_groupId, identity.GenerationId, identity.MemberId, _options.GroupInstanceId), token),
                    static error => error,
                    timeout,
                    _stopping.Token).ConfigureAwait(false);
        }
        catch (OrleansStreamException exception)
        {
            _log.HeartbeatFailed(_groupId, exception.Message);
            ForgetSilentCoordinator();
            return false;
        }

        if (error.MayRetry())
        {
            _log.HeartbeatFailed(_groupId, error.WireName());
            ForgetSilentCoordinator();
            return false;
        }

        Volatile.Write(ref _lastHeartbeat, Time.GetTimestamp());
        Judge(error, identity);
        return true;
    }

    private void Judge(ErrorCode error, GroupIdentity identity)
    {
        switch (error)
        {
            case ErrorCode.None:
                break;
            case ErrorCode.RebalanceInProgress:
                bool isStable;
                lock (_gate)
                {
                    isStable = _join is null && _identity == identity;
                }

                if (isStable)
                {
                    RequestRejoin("the group rebalances");
                }

                break;
            case ErrorCode.UnknownMemberId or ErrorCode.IllegalGeneration or ErrorCode.FencedMemberEpoch:
                Lose(identity, error, $"a heartbeat was answered {error.WireName()}");
                break;
            default:
                Fail(new GroupException(error, _groupId, error.Explain(_options)));
                Lose(identity, ErrorCode.UnknownMemberId, $"a heartbeat was answered {error.WireName()}");
                break;
        }
    }

    private void ForgetSilentCoordinator()
    {
        if (Time.GetElapsedTime(Volatile.Read(ref _lastHeartbeat)) > _options.SessionTimeout)
        {
            _coordinator.Forget();
            Volatile.Write(ref _lastHeartbeat, Time.GetTimestamp());
        }
    }

    /// <summary>Whether the application has not read for longer than it may.</summary>
    private bool HasReaderGone()
    {
        var handOuts = _core.HandOuts;
        var isStuck = Claims is { IsStuck: true };
        if (!isStuck && (handOuts != _seenHandOuts || Volatile.Read(ref _callDepth) > 0))
        {
            _seenHandOuts = handOuts;
            Volatile.Write(ref _lastRead, Time.GetTimestamp());
        }

        return isStuck || Time.GetElapsedTime(Volatile.Read(ref _lastRead)) > _options.MaxPollInterval;
    }

    private async Task ExpireAsync()
    {
        var identity = Volatile.Read(ref _identity);
        _log.PollExpired(_groupId, _options.MaxPollInterval, identity.MemberId);
        if (_options.GroupInstanceId is null)
        {
            await LeaveAsync(identity, "no read within max.poll.interval.ms").ConfigureAwait(false);
        }

        Lose(identity, ErrorCode.UnknownMemberId, "no read within max.poll.interval.ms");
    }
}
