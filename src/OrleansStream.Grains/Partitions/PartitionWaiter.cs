namespace OrleansStream.Grains.Partitions;

/// <summary>
/// One waiting fetch: collects the partitions that were signalled and lets one reader wait for them, for its deadline, for
/// a cancellation or for the broker's stop, without an exception for any of these.
/// </summary>
/// <remarks>Signals come from any thread; there is one reader.</remarks>
internal sealed class PartitionWaiter : IDisposable
{
    private readonly Lock _lock = new();
    private readonly HashSet<int> _signalled = [];
    private readonly ITimer _timer;
    private readonly CancellationTokenRegistration _callerCancelled;
    private readonly CancellationTokenRegistration _brokerStops;
    private TaskCompletionSource? _reader;
    private bool _isOver;

    public PartitionWaiter(TimeProvider time, TimeSpan maxWait, CancellationToken callerCancelled, CancellationToken brokerStops)
    {
        _timer = time.CreateTimer(static state => ((PartitionWaiter)state!).End(), this, maxWait, Timeout.InfiniteTimeSpan);
        _callerCancelled = callerCancelled.UnsafeRegister(static state => ((PartitionWaiter)state!).End(), this);
        _brokerStops = brokerStops.UnsafeRegister(static state => ((PartitionWaiter)state!).End(), this);
    }

    /// <summary>The partition with this index has something new.</summary>
    public void Signal(int index)
    {
        TaskCompletionSource? reader;
        lock (_lock)
        {
            _signalled.Add(index);
            reader = _reader;
            _reader = null;
        }

        reader?.TrySetResult();
    }

    /// <summary>Waits for a signal or for the end of the wait.</summary>
    /// <param name="signalled">Gets the indexes that were signalled since the last call.</param>
    /// <returns>False when the wait is over.</returns>
    public async ValueTask<bool> WaitAsync(List<int> signalled)
    {
        Task? wait = null;
        lock (_lock)
        {
            if (!_isOver && _signalled.Count == 0)
            {
                _reader = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                wait = _reader.Task;
            }
        }

        if (wait is not null)
        {
            await wait;
        }

        lock (_lock)
        {
            signalled.Clear();
            signalled.AddRange(_signalled);
            _signalled.Clear();
            return !_isOver;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer.Dispose();
        _callerCancelled.Dispose();
        _brokerStops.Dispose();
    }

    private void End()
    {
        TaskCompletionSource? reader;
        lock (_lock)
        {
            _isOver = true;
            reader = _reader;
            _reader = null;
        }

        reader?.TrySetResult();
    }
}
