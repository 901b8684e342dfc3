namespace OrleansStream.Client.Tests.Producing;

public sealed class CallOrderTests
{
    private readonly CallOrder _order = new();

    [Fact]
    public async Task ComesAsync_LetsCallsGoOneByOne_InTheirOrder()
    {
        var first = _order.Join("t");
        var second = _order.Join("t");
        var third = _order.Join("t");

        await first.ComesAsync(TestContext.Current.CancellationToken);
        second.ComesAsync(TestContext.Current.CancellationToken).IsCompleted.ShouldBeFalse();
        first.Leave();
        await second.ComesAsync(TestContext.Current.CancellationToken).Within("the second call's turn");
        third.ComesAsync(TestContext.Current.CancellationToken).IsCompleted.ShouldBeFalse();
        second.Leave();
        await third.ComesAsync(TestContext.Current.CancellationToken).Within("the third call's turn");
    }

    [Fact]
    public void MustWait_HoldsForTheTopicOnly_UntilItsLastCallHasLeft()
    {
        var first = _order.Join("t");
        var second = _order.Join("t");
        _order.MustWait("t").ShouldBeTrue();
        _order.MustWait("other").ShouldBeFalse();

        first.Leave();
        _order.MustWait("t").ShouldBeTrue();
        second.Leave();
        _order.MustWait("t").ShouldBeFalse();
    }

    [Fact]
    public async Task Leave_KeepsTheOrder_WhenACallIsCancelledInTheLine()
    {
        var first = _order.Join("t");
        var cancelled = _order.Join("t");
        var third = _order.Join("t");
        using var cancellation = new CancellationTokenSource();
        var waiting = cancelled.ComesAsync(cancellation.Token);
        await cancellation.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(waiting);
        cancelled.Leave();

        third.ComesAsync(TestContext.Current.CancellationToken).IsCompleted.ShouldBeFalse();
        first.Leave();
        await third.ComesAsync(TestContext.Current.CancellationToken).Within("the third call's turn");
    }

    [Fact]
    public void Leave_ServesTheWholeLine_BeforeItReturns()
    {
        const int Calls = 100_000;
        var served = new List<int>();
        var first = _order.Join("t");
        var calls = Enumerable.Range(0, Calls).Select(CallAsync).ToArray();

        first.Leave();

        served.ShouldBe(Enumerable.Range(0, Calls));
        calls.ShouldAllBe(call => call.IsCompletedSuccessfully);
        _order.MustWait("t").ShouldBeFalse();

        async Task CallAsync(int number)
        {
            var turn = _order.Join("t");
            await turn.ComesAsync(CancellationToken.None).ConfigureAwait(false);
            served.Add(number);
            turn.Leave();
        }
    }

    [Fact]
    public async Task Leave_GoesOnWithTheLine_WhenACallHadToWaitInItsTurn()
    {
        var first = _order.Join("t");
        var room = new TaskCompletionSource();
        var second = CallAsync(room.Task);
        var third = CallAsync(Task.CompletedTask);

        first.Leave();
        third.IsCompleted.ShouldBeFalse("the second call waits for room");
        room.SetResult();

        await Task.WhenAll(second, third).Within("the two calls");
        _order.MustWait("t").ShouldBeFalse();

        async Task CallAsync(Task work)
        {
            var turn = _order.Join("t");
            await turn.ComesAsync(CancellationToken.None);
            await work;
            turn.Leave();
        }
    }
}
