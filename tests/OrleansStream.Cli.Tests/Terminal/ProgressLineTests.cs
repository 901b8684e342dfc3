using OrleansStream.Cli.Terminal;

namespace OrleansStream.Cli.Tests.Terminal;

public sealed class ProgressLineTests
{
    private readonly ManualTimeProvider _time = new();
    private readonly StringWriter _terminal = new();

    [Fact]
    public void Report_WritesNothing_WhenThereIsNoTerminal()
    {
        using var progress = ProgressLine.StartOn(null, _time);
        _time.Advance(TimeSpan.FromSeconds(5));
        progress.Report(1, 1);
    }

    [Fact]
    public void Report_WritesNothing_BeforeHalfASecond()
    {
        using var progress = ProgressLine.StartOn(_terminal, _time);
        _time.Advance(TimeSpan.FromMilliseconds(499));
        progress.Report(1, 1);
        _terminal.ToString().ShouldBeEmpty();
    }

    [Fact]
    public void Report_ShowsCountsAndRates_WhenItIsTime()
    {
        using var progress = ProgressLine.StartOn(_terminal, _time);
        _time.Advance(TimeSpan.FromSeconds(2));
        progress.Report(1_000_000, 200_000_000, total: 4_000_000);
        _terminal.ToString().ShouldContain("1,000,000 of 4,000,000 (25 %) records  200.0 MB  500,000 records/s  100.0 MB/s");
    }

    [Fact]
    public void Dispose_ClearsTheLine_WhenOneWasShown()
    {
        var progress = ProgressLine.StartOn(_terminal, _time);
        _time.Advance(TimeSpan.FromSeconds(1));
        progress.Report(1, 1);
        progress.Dispose();
        _terminal.ToString().ShouldEndWith("\r\e[K");
    }
}
