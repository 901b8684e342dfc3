using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using OrleansStream.Engine.Calls;
using OrleansStream.Engine.Scheduling;
using OrleansStream.Engine.Timers;

namespace OrleansStream.Engine.Activations;

/// <content>Activation, deactivation, timers.</content>
internal sealed partial class ActivationData
{
    private readonly HashSet<GrainTimer> _timers = [];
    private DeactivationReason _deactivationReason;
    private CancellationToken _deactivationToken;

    /// <summary>Asks for deactivation. From any thread.</summary>
    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default)
        => _scheduler.Enqueue(new DelegateTurn(() => BeginDeactivation(deactivationReason, cancellationToken)));

    public void DelayDeactivation(TimeSpan timeSpan)
    {
        var until = timeSpan == Timeout.InfiniteTimeSpan || timeSpan == TimeSpan.MaxValue
            ? long.MaxValue
            : timeSpan <= TimeSpan.Zero ? 0 : _catalog.TimeProvider.GetUtcNow().Ticks + timeSpan.Ticks;
        Volatile.Write(ref _keepAliveUntil, until);
    }

    public IGrainTimer RegisterTimer<TState>(Func<TState, CancellationToken, Task> callback, TState state, GrainTimerCreationOptions options)
    {
        if (!_scheduler.IsInTurn)
        {
            throw new InvalidOperationException($"A timer of grain {GrainId} can be registered only in the grain's own turns.");
        }

        var timer = new GrainTimer<TState>(this, _catalog.TimeProvider, _catalog.Logger, callback, state, options);
        _timers.Add(timer);
        timer.Start(options);
        return timer;
    }

    public void Remove(GrainTimer timer) => _timers.Remove(timer);

    /// <summary>Deactivates the grain if nothing used it for its collection age. From any thread.</summary>
    public void CollectIfIdle(DateTimeOffset now)
    {
        _scheduler.Enqueue(new DelegateTurn(() =>
        {
            _streams?.CollectIdle();
            if (Class.CollectionAge != Timeout.InfiniteTimeSpan
                && _state is ActivationState.Active
                && _runningCount == 0
                && _waiting.Count == 0
                && Volatile.Read(ref _keepAliveUntil) <= now.Ticks
                && _catalog.TimeProvider.GetElapsedTime(Volatile.Read(ref _lastUse)) >= Class.CollectionAge)
            {
                BeginDeactivation(new DeactivationReason(DeactivationReasonCode.ActivationIdle, $"No call came for {Class.CollectionAge}."), CancellationToken.None);
            }
        }));
    }

    /// <summary>Cancels the tokens of the calls that run, so that they end early. From any thread.</summary>
    public void CancelRunning()
        => _scheduler.Enqueue(new DelegateTurn(() =>
        {
            foreach (var request in _running.ToArray())
            {
                request.Cancel();
            }
        }));

    private async Task ActivateAsync()
    {
        _state = ActivationState.Activating;
        try
        {
            GrainInstance = Class.CreateInstance(ActivationServices);
            if (GrainInstance is IGrainBase grain)
            {
                using var timeout = new CancellationTokenSource(_catalog.Collection.ActivationTimeout, _catalog.TimeProvider);
                await grain.OnActivateAsync(timeout.Token).WaitAsync(timeout.Token);
            }
        }
        catch (Exception exception)
        {
            LogActivationFailed(_catalog.Logger, exception, ToString());
            await DieAsync(exception);
            return;
        }

        Touch();
        if (_state is ActivationState.Activating)
        {
            _state = ActivationState.Active;
        }

        StartWaiting();
    }

    private void BeginDeactivation(DeactivationReason reason, CancellationToken token)
    {
        switch (_state)
        {
            case ActivationState.Created:
                _ = DieAsync(null);
                break;
            case ActivationState.Activating:
            case ActivationState.Active:
                var wasActive = _state is ActivationState.Active;
                _deactivationReason = reason;
                _deactivationToken = token;
                _state = ActivationState.Draining;
                _streams?.Dispose();
                if (wasActive && _runningCount == 0)
                {
                    _ = FinishDeactivationAsync();
                }

                break;
            default:
                break;
        }
    }

    private async Task FinishDeactivationAsync()
    {
        _state = ActivationState.Deactivating;
        foreach (var timer in _timers.ToArray())
        {
            timer.Dispose();
        }

        try
        {
            if (GrainInstance is IGrainBase grain)
            {
                using var timeout = new CancellationTokenSource(_catalog.Collection.DeactivationTimeout, _catalog.TimeProvider);
                using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _deactivationToken);
                await grain.OnDeactivateAsync(_deactivationReason, either.Token).WaitAsync(either.Token);
            }
        }
        catch (Exception exception)
        {
            LogDeactivationFailed(_catalog.Logger, exception, ToString());
        }

        await DieAsync(null);
    }

    private async Task DieAsync(Exception? activationError)
    {
        try
        {
            switch (GrainInstance)
            {
                case IAsyncDisposable disposable:
                    await disposable.DisposeAsync();
                    break;
                case IDisposable disposable:
                    disposable.Dispose();
                    break;
                default:
                    break;
            }

            if (_scope is { } scope)
            {
                await scope.DisposeAsync();
            }
        }
        catch (Exception exception)
        {
            LogDeactivationFailed(_catalog.Logger, exception, ToString());
        }

        _state = ActivationState.Dead;
        _catalog.Remove(this);
        if (activationError is not null)
        {
            while (_waiting.TryDequeue(out var call))
            {
                if (call is GrainRequest request)
                {
                    LetGo();
                    request.Responder.Fail(request, activationError);
                }
            }
        }

        RerouteWaiting();
        _deactivated.TrySetResult();
    }

    private void RerouteWaiting()
    {
        while (_waiting.TryDequeue(out var call))
        {
            if (call is GrainRequest request)
            {
                LetGo();
                _catalog.Reroute(request);
            }
            else
            {
                call.Abandon();
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Grain {Grain} could not be activated.")]
    private static partial void LogActivationFailed(ILogger logger, Exception exception, string grain);

    [LoggerMessage(Level = LogLevel.Error, Message = "Grain {Grain} failed while it was deactivated.")]
    private static partial void LogDeactivationFailed(ILogger logger, Exception exception, string grain);
}
