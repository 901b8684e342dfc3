namespace OrleansStream.Grains.Groups;

/// <summary>
/// Joins and syncs that take longer than one call. A call that comes with the same id finds the wait again; one that never comes again
/// is forgotten some time after its answer.
/// </summary>
internal sealed class RequestWaits(TimeProvider time)
{
    private static readonly TimeSpan Forgotten = TimeSpan.FromMinutes(1);
    private const int SweepEvery = 64;

    private readonly Dictionary<Guid, (Task<GroupOutcome> Task, long LastCall)> _waits = [];
    private int _untilSweep = SweepEvery;

    /// <summary>Waits for a request's answer for a while, beginning it if it is new.</summary>
    /// <returns>The answer; null if it has not come yet.</returns>
    public async Task<GroupOutcome?> WaitAsync(Guid requestId, Func<Task<GroupOutcome>> begin, TimeSpan maxWait, CancellationToken cancellationToken)
    {
        var task = _waits.TryGetValue(requestId, out var wait) ? wait.Task : begin();
        if (!task.IsCompleted)
        {
            _waits[requestId] = (task, time.GetTimestamp());
            Sweep();
            using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(task, Task.Delay(maxWait, time, timeout.Token));
            await timeout.CancelAsync();
            if (!task.IsCompleted)
            {
                cancellationToken.ThrowIfCancellationRequested();
                return null;
            }
        }

        _waits.Remove(requestId);
        return await task;
    }

    private void Sweep()
    {
        if (--_untilSweep > 0)
        {
            return;
        }

        _untilSweep = Math.Max(SweepEvery, _waits.Count);
        foreach (var (id, wait) in _waits.ToList())
        {
            if (wait.Task.IsCompleted && time.GetElapsedTime(wait.LastCall) > Forgotten)
            {
                _waits.Remove(id);
            }
        }
    }
}
