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

    [Fact]
    public void Checker_FindsLoss_WhenFetchesAreNotFencedByTheLeaderEpoch()
        => ReasonsWith(Flaws.NoFetchFencing, options => options with { LateOneIn = 5, LossOneIn = 15, FaultEveryMs = 25 }, 4000).ShouldContain(
            reason => reason.Contains("committed", StringComparison.Ordinal), "KIP-320: who follows in a later epoch cuts its log to that of a leader of an earlier one");

    [Fact]
    public void Checker_FindsASecondLifeInOneEpoch_WhenBrokerEpochsAreNotChecked()
        => ReasonsWith(Flaws.NoBrokerEpochs).ShouldContain(reason => reason.Contains("(life", StringComparison.Ordinal), "KIP-380: the last life is told to lead");

    [Fact]
    public void Checker_FindsLoss_WhenALostDiskIsTakenForTheOneThatWasInSync()
        => ReasonsWith(Flaws.TrustLostDisks).ShouldContain(
            reason => reason.Contains("committed", StringComparison.Ordinal), "KIP-966: an empty log leads");

    [Fact]
    public void Checker_FindsALeaderThatIsNoReplica_WhenAssignmentsMayBeOld()
        => Should.Throw<Checking.SimViolationException>(() => ScenarioTests.StopOthersAsAReassignmentEnds(Flaws.StaleAssignments))
            .Message.ShouldContain("not one of its replicas");

    private static List<string> ReasonsWith(Flaws flaw, Func<SimOptions, SimOptions>? change = null, int seeds = Seeds)
    {
        var reasons = new List<string>();
        for (var seed = 1; seed <= seeds && reasons.Count < 5; seed++)
        {
            var options = RandomRunTests.OptionsOf(seed) with { Flaws = flaw, MinInSyncReplicas = 2, AllowsReassignment = false };
            options = change?.Invoke(options) ?? options;
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
