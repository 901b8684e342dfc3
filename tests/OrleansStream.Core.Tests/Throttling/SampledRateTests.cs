using OrleansStream.Core.Throttling;

namespace OrleansStream.Core.Tests.Throttling;

public sealed class SampledRateTests
{
    private readonly SampledRate _rate = new(windows: 3, windowMs: 1000);

    [Fact]
    public void Measure_TakesAtLeastAWindow_WhenLittleTimeHasPassed()
    {
        _rate.Record(500, 10);

        _rate.Measure(10).ShouldBe((500, 1000));
        _rate.Measure(900).ShouldBe((500, 1000));
        _rate.Measure(1510).ShouldBe((500, 1500));
    }

    [Fact]
    public void Measure_CountsFromTheOldestWindowThatIsKept()
    {
        _rate.Record(1, 0);
        _rate.Record(2, 400);
        _rate.Record(4, 1000);
        _rate.Record(8, 2100);

        _rate.Measure(2500).ShouldBe((15, 2500));

        // The first window is forgotten when its last event is three windows ago, not before.
        _rate.Measure(3399).ShouldBe((15, 3399));
        _rate.Measure(3400).ShouldBe((12, 2400));
    }

    [Fact]
    public void Measure_StartsAnew_WhenNothingCameForTheWholeSpan()
    {
        _rate.Record(500, 0);

        _rate.Measure(3000).ShouldBe((0, 1000));
        _rate.ForgetsAtMs(3000).ShouldBeNull();
        _rate.Record(7, 5000);
        _rate.Measure(5000).ShouldBe((7, 1000));
        _rate.ForgetsAtMs(5000).ShouldBe(8000);
    }
}
