using OrleansStream.Storage.Waiting;

namespace OrleansStream.Storage.Tests.Waiting;

/// <summary>Who may append next when the buffer is full.</summary>
public sealed class RoomQueueTests
{
    private const int BufferBytes = 1000;

    private readonly RoomQueue _queue = new();
    private readonly List<TaskCompletionSource> _admitted = [];

    [Fact]
    public void TryAdmit_Admits_UpToThreeQuartersOfTheBuffer()
    {
        _queue.TryAdmit(500, undurable: 200, BufferBytes).ShouldBeTrue();
        _queue.TryAdmit(51, undurable: 200, BufferBytes).ShouldBeFalse();
        _queue.TryAdmit(50, undurable: 200, BufferBytes).ShouldBeTrue();
    }

    [Fact]
    public void TryAdmit_AdmitsABatchLargerThanTheBuffer_WhenNothingWaitsForTheDisk()
    {
        _queue.TryAdmit(5000, undurable: 1, BufferBytes).ShouldBeFalse();
        _queue.TryAdmit(5000, undurable: 0, BufferBytes).ShouldBeTrue();
    }

    [Fact]
    public void TryAdmit_AdmitsNobody_WhileOthersWait()
    {
        _ = _queue.WaitAsync(700, CancellationToken.None);

        _queue.TryAdmit(1, undurable: 0, BufferBytes).ShouldBeFalse();
    }

    [Fact]
    public void Admit_KeepsTheOrder_WhenASmallerOneBehindWouldFit()
    {
        var large = _queue.WaitAsync(700, CancellationToken.None);
        var small = _queue.WaitAsync(10, CancellationToken.None);

        _queue.Admit(undurable: 100, BufferBytes, _admitted);
        _admitted.ShouldBeEmpty();

        _queue.Admit(undurable: 40, BufferBytes, _admitted);
        _admitted.Count.ShouldBe(2);
        _admitted[0].Task.IsCompleted.ShouldBeFalse("the caller completes, outside of its lock");
        _admitted.ForEach(waiter => waiter.SetResult());
        large.IsCompletedSuccessfully.ShouldBeTrue();
        small.IsCompletedSuccessfully.ShouldBeTrue();
    }

    [Fact]
    public void Admit_ReservesNothing_ForOneWhoWasCancelled()
    {
        using var cancelled = new CancellationTokenSource();
        _ = _queue.WaitAsync(700, cancelled.Token);
        _ = _queue.WaitAsync(750, CancellationToken.None);
        cancelled.Cancel();

        _queue.Admit(undurable: 0, BufferBytes, _admitted);

        _admitted.Count.ShouldBe(1);
        _queue.Count.ShouldBe(0);
    }

    [Fact]
    public void Return_MakesRoomForTheNext()
    {
        _queue.TryAdmit(750, undurable: 0, BufferBytes).ShouldBeTrue();
        _ = _queue.WaitAsync(100, CancellationToken.None);
        _queue.Admit(undurable: 0, BufferBytes, _admitted);
        _admitted.ShouldBeEmpty();

        _queue.Return(750);
        _queue.Admit(undurable: 0, BufferBytes, _admitted);

        _admitted.Count.ShouldBe(1);
    }

    [Fact]
    public void Return_LeavesNoCredit_WhenAFlushHasForgottenTheReservation()
    {
        _queue.TryAdmit(700, undurable: 0, BufferBytes).ShouldBeTrue();
        _queue.Forget();
        _queue.Return(700);

        _queue.TryAdmit(100, undurable: 700, BufferBytes).ShouldBeFalse();
    }

    [Fact]
    public void TryAdmit_WaitsUntilEverythingIsFlushed_WhileTheBufferIsToGrow()
    {
        _queue.IsBufferToGrow = true;

        _queue.TryAdmit(1, undurable: 1, BufferBytes).ShouldBeFalse();
        _queue.TryAdmit(1, undurable: 0, BufferBytes).ShouldBeTrue();
    }
}
