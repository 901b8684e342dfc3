using OrleansStream.Storage.Waiting;

namespace OrleansStream.Storage.Tests.Waiting;

/// <summary>Who is told when something is durable, or never will be.</summary>
public sealed class FlushWaitersTests
{
    private readonly FlushWaiters _waiters = new();
    private readonly List<TaskCompletionSource> _taken = [];

    [Fact]
    public async Task Take_TakesThoseWhoseMarkIsReached_InTheOrderOfTheirMarks()
    {
        var far = _waiters.WaitAsync(30, CancellationToken.None);
        var near = _waiters.WaitAsync(10, CancellationToken.None);
        var middle = _waiters.WaitAsync(20, CancellationToken.None);

        _waiters.Take(20, _taken);

        _taken.Select(waiter => waiter.Task).ShouldBe([near, middle]);
        _waiters.Count.ShouldBe(1);
        far.IsCompleted.ShouldBeFalse();
        _taken.ForEach(waiter => waiter.SetResult());
        await near;
        await middle;
    }

    [Fact]
    public void TakeAbove_LeavesThoseWhoCanStillBeServed()
    {
        var kept = _waiters.WaitAsync(20, CancellationToken.None);
        var lost = _waiters.WaitAsync(21, CancellationToken.None);

        _waiters.TakeAbove(20, _taken);

        _taken.Select(waiter => waiter.Task).ShouldBe([lost]);
        _taken.Clear();
        _waiters.Take(20, _taken);
        _taken.Select(waiter => waiter.Task).ShouldBe([kept]);
    }

    [Fact]
    public async Task WaitAsync_EndsForItsCallerOnly_WhenTheCallerIsCancelled()
    {
        using var cancelled = new CancellationTokenSource();
        var impatient = _waiters.WaitAsync(10, cancelled.Token);
        var patient = _waiters.WaitAsync(10, CancellationToken.None);

        await cancelled.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => impatient);

        _waiters.Take(10, _taken);
        _taken.ForEach(waiter => waiter.SetResult());
        await patient;
    }
}
