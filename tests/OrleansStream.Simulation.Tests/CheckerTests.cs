namespace OrleansStream.Simulation.Tests;

/// <summary>The checker finds what it is for: each known fix undone makes seeds fail that hold otherwise.</summary>
public sealed class CheckerTests
{
    private const int Seeds = 400;

    [Fact]
    public void Checker_FindsLoss_WhenFollowersCutToTheirHighWatermark()
        => ReasonsWith(Flaws.TruncateToHighWatermark).ShouldContain(
            reason => reason.Contains("committed", StringComparison.Ordinal), "KIP-101: what was acknowledged lies above a follower's high watermark");

    [Fact]
    public void Checker_FindsTwoLeaders_WhenControllersAreNotFenced()
        => ReasonsWith(Flaws.NoControllerFencing).ShouldContain(
            reason => reason.Contains("led t-", StringComparison.Ordinal) || reason.Contains("two leaders", StringComparison.Ordinal) || reason.Contains("in the same epoch", StringComparison.Ordinal));

    [Fact]
    public void Checker_FindsTooFewCopies_WhenTheHighWatermarkPassesMinInSync()
        => ReasonsWith(Flaws.CommitBelowMinInSync).ShouldContain(reason => reason.Contains("min.insync.replicas is 2", StringComparison.Ordinal));

    private static List<string> ReasonsWith(Flaws flaw)
    {
        var reasons = new List<string>();
        for (var seed = 1; seed <= Seeds; seed++)
        {
            var options = RandomRunTests.OptionsOf(seed) with { Flaws = flaw, MinInSyncReplicas = 2, AllowsReassignment = false };
            try
            {
                Chaos.Run(seed, options);
            }
            catch (SimFailedException failure)
            {
                reasons.Add(failure.Reason);
                Chaos.Run(seed, options with { Flaws = Flaws.None });
            }
        }

        return reasons;
    }
}
