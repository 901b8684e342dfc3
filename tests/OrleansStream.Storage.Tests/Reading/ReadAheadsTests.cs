using OrleansStream.Storage.Buffers;
using OrleansStream.Storage.Reading;

namespace OrleansStream.Storage.Tests.Reading;

/// <summary>What was read ahead has one owner, and its memory is given back exactly once.</summary>
public sealed class ReadAheadsTests
{
    private const int Bytes = 1024 * 1024;

    private readonly ReadAheadBudget _budget = new(2 * Bytes);
    private readonly TestTime _time = new();
    private readonly ReadAheads _aheads;

    public ReadAheadsTests()
    {
        _aheads = new ReadAheads(_budget, _time);
    }

    [Fact]
    public void TryReserve_Refuses_WhenTheBudgetIsUsedUpOrTheReaderIsExpectedAlready()
    {
        Expect(10);
        _aheads.TryReserve(10, Bytes, out _).ShouldBeFalse("it is expected already");
        Expect(20);
        _aheads.TryReserve(30, Bytes, out _).ShouldBeFalse("the budget is used up");
        _budget.ReservedBytes.ShouldBe(2 * Bytes);
    }

    [Fact]
    public void Take_GivesItToOneReader()
    {
        Expect(10);

        _aheads.Take(11).ShouldBeNull();
        var ahead = _aheads.Take(10).ShouldNotBeNull();
        _aheads.Take(10).ShouldBeNull();

        _aheads.Return(ahead);
        _budget.ReservedBytes.ShouldBe(0);
    }

    [Fact]
    public void Keep_DropsIt_WhenTheLogHasChangedMeanwhile()
    {
        Expect(10);
        var ahead = _aheads.Take(10).ShouldNotBeNull();
        _ = _aheads.Drop();
        _budget.ReservedBytes.ShouldBe(Bytes, "the reader has it");

        _aheads.IsCurrent(ahead).ShouldBeFalse();
        _aheads.Keep(ahead);

        _aheads.Count.ShouldBe(0);
        _budget.ReservedBytes.ShouldBe(0);
    }

    [Fact]
    public async Task Drop_CompletesWithTheLastRead()
    {
        var fill = Expect(10);
        var dropped = _aheads.Drop();

        _budget.ReservedBytes.ShouldBe(0);
        dropped.IsCompleted.ShouldBeFalse();
        fill.SetResult(default);
        await dropped;
    }

    [Fact]
    public void DropIdle_DropsWhatNobodyCameFor_AndKeepsWhatIsYoung()
    {
        Expect(10);
        _time.Advance(TimeSpan.FromSeconds(1.5));
        Expect(20);
        _time.Advance(TimeSpan.FromSeconds(1));

        _aheads.DropIdle();

        _aheads.Take(10).ShouldBeNull();
        _aheads.Take(20).ShouldNotBeNull();
        _budget.ReservedBytes.ShouldBe(Bytes);
    }

    private TaskCompletionSource<FoundBatches> Expect(long offset)
    {
        var fill = new TaskCompletionSource<FoundBatches>();
        _aheads.TryReserve(offset, Bytes, out var bytes).ShouldBeTrue();
        _aheads.Add(offset, bytes, fill.Task);
        return fill;
    }
}
