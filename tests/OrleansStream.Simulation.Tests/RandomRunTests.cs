using System.Globalization;

namespace OrleansStream.Simulation.Tests;

/// <summary>
/// Seeds, as many as <c>OSTREAM_SIM_SEEDS</c> says (300 unless set), from <c>OSTREAM_SIM_FIRST</c> (1 unless set) on. A failure names its
/// seed and options; the same seed does the same again.
/// </summary>
public sealed class RandomRunTests
{
    private static readonly long Count = Number("OSTREAM_SIM_SEEDS", 300);
    private static readonly long First = Number("OSTREAM_SIM_FIRST", 1);

    [Fact]
    public void Invariants_Hold_ForEverySeed()
    {
        for (var seed = First; seed < First + Count; seed++)
        {
            RunLogged(seed, OptionsOf(seed));
        }
    }

    [Fact]
    public void Run_DoesTheSameAgain_ForTheSameSeed()
    {
        var one = Chaos.Run(7, OptionsOf(7) with { IsLogging = true });
        var other = Chaos.Run(7, OptionsOf(7) with { IsLogging = true });

        one.LogText.ShouldBe(other.LogText);
        one.Steps.ShouldBe(other.Steps);
    }

    [Fact]
    public void Runs_HaveWorkAndFaults_SoThatTheyShowSomething()
    {
        var runs = Enumerable.Range(1, 20).Select(seed => Chaos.Run(seed, OptionsOf(seed))).ToArray();

        runs.Average(run => run.Producers.Sum(producer => producer.Acknowledged)).ShouldBeGreaterThan(8);
        runs.Average(run => run.Checker.Leaderships).ShouldBeGreaterThan(4);
    }

    internal static SimOptions OptionsOf(long seed) => new()
    {
        Brokers = seed % 4 == 3 ? 4 : 3,
        Partitions = seed % 5 == 4 ? 2 : 1,
        MinInSyncReplicas = seed % 3 == 2 ? 1 : 2,
        AllowsReassignment = seed % 4 == 3,
        FaultEveryMs = seed % 2 == 0 ? 40 : 90,
        RemovesLiving = seed % 7 >= 4,
    };

    /// <summary>A seed that fails is run once more with a log.</summary>
    private static void RunLogged(long seed, SimOptions options)
    {
        try
        {
            Chaos.Run(seed, options);
        }
        catch (SimFailedException)
        {
            Chaos.Run(seed, options with { IsLogging = true });
            throw;
        }
    }

    private static long Number(string name, long otherwise)
        => long.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}
