using OrleansStream.Grains.Partitions;
using OrleansStream.Grains.Tests.Doubles;

namespace OrleansStream.Grains.Tests.Partitions;

public sealed class PartitionWaiterTests
{
    private static readonly TopicPartition[] Partitions = [new("a", 0), new("a", 1), new("b", 0)];

    private readonly ManualTimeProvider _time = new();
    private readonly PartitionSignals _signals = new();
    private readonly List<int> _signalled = [];

    [Fact]
    public async Task WaitAsync_Wakes_WhenOneOfItsPartitionsIsSignalled()
    {
        using var waiter = Register();

        var wait = waiter.WaitAsync(_signalled);
        wait.IsCompleted.ShouldBeFalse();
        _signals.Signal(new TopicPartition("other", 0));
        wait.IsCompleted.ShouldBeFalse();
        _signals.Signal(Partitions[2]);

        (await wait).ShouldBeTrue();
        _signalled.ShouldBe([2]);
    }

    [Fact]
    public async Task WaitAsync_ReturnsAtOnce_WhenTheSignalCameBefore()
    {
        using var waiter = Register();
        _signals.Signal(Partitions[0]);
        _signals.Signal(Partitions[1]);
        _signals.Signal(Partitions[0]);

        (await waiter.WaitAsync(_signalled)).ShouldBeTrue();

        _signalled.ShouldBe([0, 1], ignoreOrder: true);
        waiter.WaitAsync(_signalled).IsCompleted.ShouldBeFalse("each signal wakes once");
    }

    [Fact]
    public async Task WaitAsync_Ends_WhenItsTimeIsOver()
    {
        using var waiter = Register();
        var wait = waiter.WaitAsync(_signalled);

        _time.Advance(TimeSpan.FromMilliseconds(499));
        wait.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromMilliseconds(1));

        (await wait).ShouldBeFalse();
        _signalled.ShouldBeEmpty();
    }

    [Fact]
    public async Task WaitAsync_Ends_WhenTheCallerCancelsOrTheBrokerStops()
    {
        foreach (var callerCancels in new[] { true, false })
        {
            using var source = new CancellationTokenSource();
            using var waiter = new PartitionWaiter(
                _time, TimeSpan.FromSeconds(1), callerCancels ? source.Token : default, callerCancels ? default : source.Token);
            var wait = waiter.WaitAsync(_signalled);

            await source.CancelAsync();

            (await wait).ShouldBeFalse();
        }
    }

    [Fact]
    public void Unregister_EndsTheSignals_AndDisposeTheTimer()
    {
        var waiter = Register();
        _time.PendingTimers.ShouldBe(1);

        _signals.Unregister(waiter, Partitions);
        waiter.Dispose();
        _signals.Signal(Partitions[0]);

        waiter.WaitAsync(_signalled).IsCompleted.ShouldBeFalse();
        _time.PendingTimers.ShouldBe(0);
    }

    [Fact]
    public async Task Register_LosesNoSignal_WhenOthersComeAndGo()
    {
        // Registrations and their ends race for the same lists; a waiter that is registered gets every later signal.
        await Parallel.ForAsync(0, 2000, TestContext.Current.CancellationToken, async (_, _) =>
        {
            using var waiter = new PartitionWaiter(TimeProvider.System, TimeSpan.FromSeconds(30), default, default);
            _signals.Register(waiter, Partitions);
            _signals.Signal(Partitions[1]);
            var signalled = new List<int>();
            (await waiter.WaitAsync(signalled)).ShouldBeTrue();
            signalled.ShouldContain(1);
            _signals.Unregister(waiter, Partitions);
        });
    }

    private PartitionWaiter Register()
    {
        var waiter = new PartitionWaiter(_time, TimeSpan.FromMilliseconds(500), default, default);
        _signals.Register(waiter, Partitions);
        return waiter;
    }
}
