using OrleansStream.Abstractions;
using OrleansStream.Grains.Replication;
using OrleansStream.Grains.Tests.Doubles;

namespace OrleansStream.Grains.Tests.Replication;

public sealed class FollowerAnswersTests
{
    // A size of which nothing else in this process rents arrays, so that the pool gives the same one again.
    private const int Length = 3 << 20;

    private readonly ManualTimeProvider _time = new();
    private readonly FollowerAnswers _answers;

    public FollowerAnswersTests() => _answers = new FollowerAnswers(_time);

    [Fact]
    public void Begin_LendsTheMemoryAgain_WhenThatAnswerWasCopied()
    {
        var first = Answer(Fetch(fetcher: 0, number: 7, copied: 0));

        Answer(Fetch(fetcher: 0, number: 8, copied: 7)).Overlaps(first).ShouldBeTrue();
    }

    [Theory]
    [InlineData(0, 6)]
    [InlineData(0, 0)]
    [InlineData(1, 7)]
    public void Begin_LeavesTheMemoryAlone_WhenAnotherAnswerWasCopiedOrAnotherFetcherAsks(int fetcher, long copied)
    {
        var first = Answer(Fetch(fetcher: 0, number: 7, copied: 0));

        Answer(Fetch(fetcher, number: 8, copied)).Overlaps(first).ShouldBeFalse();
    }

    [Fact]
    public void Begin_LeavesTheMemoryAlone_WhenTheFetchThatWasGivenUpEndsAfterTheNextOne()
    {
        var given = Fetch(fetcher: 0, number: 7, copied: 0);
        var next = Fetch(fetcher: 0, number: 8, copied: 0);
        var (late, buffers) = (_answers.Begin(given).Buffers, _answers.Begin(next).Buffers);
        var answer = buffers.Allocate(Length).Span;
        _answers.End(next, buffers);
        late.Allocate(Length);
        _answers.End(given, late);

        // The answer to 8 was copied, but what is kept is that to 7.
        Answer(Fetch(fetcher: 0, number: 9, copied: 8)).Overlaps(answer).ShouldBeFalse();
    }

    [Fact]
    public void End_LetsGoOfTheAnswer_OfAFollowerThatAsksNoMore()
    {
        var first = Answer(Fetch(fetcher: 0, number: 7, copied: 0));
        _time.Advance(TimeSpan.FromSeconds(31));

        Answer(Fetch(fetcher: 1, number: 1, copied: 0));

        Answer(Fetch(fetcher: 0, number: 8, copied: 7)).Overlaps(first).ShouldBeFalse();
    }

    [Theory]
    [InlineData(7, true)]
    [InlineData(6, false)]
    public void Begin_TellsWhenTheAnswerWasGiven_ThatTheFollowerHasHeard(long copied, bool isKnown)
    {
        Answer(Fetch(fetcher: 0, number: 7, copied: 0));
        var answeredAt = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromSeconds(5));

        _answers.Begin(Fetch(fetcher: 0, number: 8, copied)).HeardAt.ShouldBe(isKnown ? answeredAt : null);
    }

    [Fact]
    public void End_KeepsNothing_WhenTheFetcherDoesNotNumberItsFetches()
    {
        var first = Answer(Fetch(fetcher: 0, number: 0, copied: 0));

        Answer(Fetch(fetcher: 0, number: 0, copied: 0)).Overlaps(first).ShouldBeFalse();
    }

    private static ReplicaFetchRequest Fetch(int fetcher, long number, long copied)
        => new(2, 1, 500, 1, 10 << 20, []) { Fetcher = fetcher, Number = number, Copied = copied };

    private Span<byte> Answer(ReplicaFetchRequest request)
    {
        var (buffers, _) = _answers.Begin(request);
        var memory = buffers.Allocate(Length);
        memory.Length.ShouldBe(Length);
        _answers.End(request, buffers);
        return memory.Span;
    }
}
