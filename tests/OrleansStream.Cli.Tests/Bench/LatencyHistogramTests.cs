using OrleansStream.Cli.Bench;

namespace OrleansStream.Cli.Tests.Bench;

public sealed class LatencyHistogramTests
{
    [Fact]
    public void Percentile_IsWithinOnePercent_OfTheSortedDurations()
    {
        var random = new Random(7);
        var histogram = new LatencyHistogram();
        var micros = Enumerable.Range(0, 50_000).Select(_ => (long)Math.Exp(random.NextDouble() * 18)).Order().ToArray();
        foreach (var value in micros)
        {
            histogram.Record(TimeSpan.FromMicroseconds(value));
        }

        foreach (var share in new[] { 0.01, 0.5, 0.95, 0.99, 0.999, 1.0 })
        {
            var exact = micros[Math.Max(0, (int)Math.Ceiling(share * micros.Length) - 1)];
            histogram.Percentile(share).TotalMicroseconds.ShouldBe(exact, Math.Max(1, exact * 0.01), $"share {share}");
        }

        histogram.Max.TotalMicroseconds.ShouldBe(micros[^1]);
        histogram.Count.ShouldBe(50_000);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(4_000_000_000)]
    public void Percentile_IsTheDuration_WhenThereIsOne(long micros)
    {
        var histogram = new LatencyHistogram();
        histogram.Record(TimeSpan.FromMicroseconds(micros));
        histogram.Percentile(0.5).TotalMicroseconds.ShouldBe(micros);
        histogram.Percentile(1).TotalMicroseconds.ShouldBe(micros);
    }

    [Fact]
    public void Percentile_IsZero_WhenNothingWasRecorded()
    {
        new LatencyHistogram().Percentile(0.99).ShouldBe(TimeSpan.Zero);
        new LatencyHistogram().Mean.ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public void Record_IsCappedAtTheLargestBucket_WhenADurationIsLonger()
    {
        var histogram = new LatencyHistogram();
        histogram.Record(TimeSpan.FromDays(3));
        histogram.Record(TimeSpan.FromSeconds(-1));
        histogram.Count.ShouldBe(2);
        histogram.Max.ShouldBeGreaterThan(TimeSpan.FromHours(1));
    }
}
