using OrleansStream.Core.Controller;

namespace OrleansStream.Core.Tests.Controller;

public class PeerLivenessTests
{
    private const long TimeoutMs = 4000;
    private const long IntervalMs = 500;

    private readonly PeerLiveness _peer = new(TimeoutMs, IntervalMs, nowMs: 0);
    private long _now;

    [Fact]
    public void IsSuspect_IsFalse_WhileItAnswers()
    {
        for (var i = 0; i < 20; i++)
        {
            Tick();
            _peer.OnAnswer(_now);
        }

        _peer.IsSuspect.ShouldBeFalse();
        _peer.SilenceMs.ShouldBe(0);
    }

    [Fact]
    public void IsSuspect_InTimeForTheOthersToTry_WhenItIsSilent()
    {
        Tick(5);
        _peer.IsSuspect.ShouldBeFalse();

        Tick();

        _peer.IsSuspect.ShouldBeTrue();
        _peer.SilenceMs.ShouldBe(TimeoutMs - (PeerLiveness.IntervalsOfATry * IntervalMs));
        _peer.OnAnswer(_now);
        _peer.IsSuspect.ShouldBeFalse();
    }

    [Fact]
    public void IsSuspect_AfterHalfTheSessionsTime_WhenIntervalsAreLong()
    {
        var peer = new PeerLiveness(sessionTimeoutMs: 1000, intervalMs: 500, nowMs: 0);
        peer.Tick(499);
        peer.IsSuspect.ShouldBeFalse();

        peer.Tick(500);

        peer.IsSuspect.ShouldBeTrue();
    }

    [Fact]
    public void IsSuspectWithoutWitness_AfterTwiceTheSessionsTime_WhenItIsSilent()
    {
        Tick(15);
        _peer.IsSuspectWithoutWitness.ShouldBeFalse();

        Tick();

        _peer.IsSuspectWithoutWitness.ShouldBeTrue();
        _peer.SilenceMs.ShouldBe(PeerLiveness.SessionsWithoutWitness * TimeoutMs);
    }

    [Fact]
    public void IsSuspectWithoutWitness_AsSoonAsIsSuspect_WhenItsProcessIsGone()
    {
        for (var i = 0; i <= PeerLiveness.RefusalsThatConvince; i++)
        {
            _peer.IsSuspectWithoutWitness.ShouldBeFalse();
            _peer.OnRefused();
            Tick();
        }

        _peer.IsSuspectWithoutWitness.ShouldBeTrue();
    }

    [Fact]
    public void IsSuspect_Sooner_WhenItsProcessIsGone()
    {
        for (var i = 0; i <= PeerLiveness.RefusalsThatConvince; i++)
        {
            _peer.IsSuspect.ShouldBeFalse();
            _peer.OnRefused();
            Tick();
        }

        _peer.IsSuspect.ShouldBeTrue();
        _peer.SilenceMs.ShouldBe(TimeoutMs / 2);
    }

    [Fact]
    public void IsSuspect_IsFalse_WhenRefusalsAreFollowedByAnAnswer()
    {
        _peer.OnRefused();
        _peer.OnRefused();
        Tick();
        _peer.OnAnswer(_now);
        _peer.OnRefused();
        Tick();

        _peer.IsSuspect.ShouldBeFalse();
    }

    [Fact]
    public void IsSuspect_IsFalse_WhenTheOneWhoAsksStoodStillItself()
    {
        Tick(2);
        _now += 60_000;
        _peer.OnRefused();
        Tick();

        _peer.IsSuspect.ShouldBeFalse();
        Tick(4);
        _peer.IsSuspect.ShouldBeTrue("silence counts again from then on");
    }

    [Theory]
    [InlineData(1, 1, true)]
    [InlineData(2, 1, false)]
    [InlineData(2, 2, true)]
    [InlineData(3, 2, true)]
    [InlineData(4, 2, false)]
    public void IsDead_NeedsMoreThanHalfOfTheOthers(int others, int agreeing, bool expected)
        => PeerLiveness.IsDead(others, agreeing).ShouldBe(expected);

    private void Tick(int times = 1)
    {
        for (var i = 0; i < times; i++)
        {
            _now += IntervalMs;
            _peer.Tick(_now);
        }
    }
}
