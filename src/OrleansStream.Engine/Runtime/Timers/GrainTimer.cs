using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using OrleansStream.Engine.Activations;
using OrleansStream.Engine.Scheduling;

namespace OrleansStream.Engine.Timers;

/// <summary>A grain's timer. The clock only asks for a tick; the tick runs in the activation's turns, and the next one is set when it has ended.</summary>
internal abstract partial class GrainTimer : IGrainTimer, IQueuedCall, ITurn
{
    private readonly ActivationData _activation;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _disposed = new();
    private readonly ITimer _timer;
    private readonly bool _keepAlive;
    private TimeSpan _period;
    private bool _isTicking;
    private bool _changedInTick;
    private bool _isDisposed;

    protected GrainTimer(ActivationData activation, TimeProvider timeProvider, ILogger logger, GrainTimerCreationOptions options)
    {
        _activation = activation;
        _logger = logger;
        _period = options.Period;
        _keepAlive = options.KeepAlive;
        IsAlwaysInterleave = options.Interleave;
        _timer = timeProvider.CreateTimer(static state => ((GrainTimer)state!).Ring(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public bool IsReadOnly => false;

    public bool IsAlwaysInterleave { get; }

    public void Start(GrainTimerCreationOptions options) => Change(options.DueTime, options.Period);

    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        _period = period;
        _changedInTick = _isTicking;
        _timer.Change(dueTime, Timeout.InfiniteTimeSpan);
    }

    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        _timer.Dispose();
        _disposed.Cancel();
        _activation.Remove(this);
    }

    void ITurn.Execute()
    {
        if (!_isDisposed && !_isTicking)
        {
            _isTicking = true;
            _activation.OnTick(this);
        }
    }

    void IQueuedCall.Run() => _ = TickAsync();

    void IQueuedCall.Abandon() => _isTicking = false;

    protected abstract Task InvokeAsync(CancellationToken cancellationToken);

    private void Ring() => _activation.EnqueueTurn(this);

    private async Task TickAsync()
    {
        try
        {
            if (!_isDisposed)
            {
                await InvokeAsync(_disposed.Token);
            }
        }
        catch (Exception exception)
        {
            if (!_isDisposed || exception is not OperationCanceledException)
            {
                LogTickFailed(_logger, exception, _activation.ToString());
            }
        }

        _isTicking = false;
        if (_keepAlive)
        {
            _activation.Touch();
        }

        if (!_isDisposed && !_changedInTick)
        {
            _timer.Change(_period, Timeout.InfiniteTimeSpan);
        }

        _changedInTick = false;
        _activation.OnCallCompleted(this);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A timer's callback of grain {Grain} failed; the timer goes on.")]
    private static partial void LogTickFailed(ILogger logger, Exception exception, string grain);
}

internal sealed class GrainTimer<TState>(
    ActivationData activation,
    TimeProvider timeProvider,
    ILogger logger,
    Func<TState, CancellationToken, Task> callback,
    TState state,
    GrainTimerCreationOptions options) : GrainTimer(activation, timeProvider, logger, options)
{
    protected override Task InvokeAsync(CancellationToken cancellationToken) => callback(state, cancellationToken);
}
