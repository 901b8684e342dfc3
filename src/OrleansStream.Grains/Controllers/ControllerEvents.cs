namespace OrleansStream.Grains.Controllers;

/// <summary>What has happened since the controller last looked.</summary>
[Flags]
internal enum ControllerEvents
{
    None = 0,
    Topics = 1,
    Brokers = 2,
    Marks = 4,
    IsrChanges = 8,
    Configs = 16,
    Reports = 32,
    Balance = 64,
}

/// <summary>
/// Collects events until the controller asks for them. An event that comes twice counts once, so nothing piles up: each
/// means "read that again".
/// </summary>
internal sealed class ControllerInbox
{
    private readonly Lock _lock = new();
    private ControllerEvents _events;
    private TaskCompletionSource? _waiter;

    public void Post(ControllerEvents events)
    {
        TaskCompletionSource? waiter;
        lock (_lock)
        {
            _events |= events;
            waiter = _waiter;
            _waiter = null;
        }

        waiter?.TrySetResult();
    }

    /// <summary>Waits until there is an event, and takes all that are there.</summary>
    public async Task<ControllerEvents> TakeAsync(CancellationToken cancellationToken)
    {
        Task? wait = null;
        lock (_lock)
        {
            if (_events == ControllerEvents.None)
            {
                _waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                wait = _waiter.Task;
            }
        }

        if (wait is not null)
        {
            await wait.WaitAsync(cancellationToken);
        }

        lock (_lock)
        {
            var events = _events;
            _events = ControllerEvents.None;
            return events;
        }
    }
}
