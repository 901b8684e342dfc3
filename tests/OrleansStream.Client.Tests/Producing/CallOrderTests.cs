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
}
