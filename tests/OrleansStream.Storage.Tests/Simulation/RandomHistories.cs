using FsCheck;
using FsCheck.Fluent;

namespace OrleansStream.Storage.Tests.Simulation;

/// <summary>Takes a model and the log that it stands beside through histories in which each byte is a step.</summary>
internal static class RandomHistories
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(1);

    /// <summary>Many short ones; the first that fails is made shorter and shown.</summary>
    public static void Check(Func<SimulatedDisk, ILogModel> start, int histories, int shortest, int longest) =>
        Prop.ForAll(
            ArbMap.Default.ArbFor<byte[]>().Filter(bytes => bytes.Length > 0),
            history => Task.Run(() => RunAsync(start, history)).Wait(TimeLimit))
        .Check(Config.QuickThrowOnFailure.WithMaxTest(histories).WithStartSize(shortest).WithEndSize(longest));

    /// <summary>A long one.</summary>
    public static Task RunAsync(Func<SimulatedDisk, ILogModel> start, int seed, int steps)
    {
        var history = new byte[steps];
        new System.Random(seed).NextBytes(history);
        return RunAsync(start, history).WaitAsync(TimeLimit, TestContext.Current.CancellationToken);
    }

    private static async Task RunAsync(Func<SimulatedDisk, ILogModel> start, byte[] history)
    {
        await using var disk = new SimulatedDisk();
        var model = start(disk);
        await model.OpenAsync();
        foreach (var step in history)
        {
            await model.StepAsync(step);
        }

        await model.VerifyAsync();
        await model.CloseAsync();
    }
}

/// <summary>A log, and what it must be like.</summary>
internal interface ILogModel
{
    Task OpenAsync();

    /// <summary>Does something to both: what is in the lower four bits, how in the upper ones.</summary>
    Task StepAsync(byte step);

    Task VerifyAsync();

    Task CloseAsync();
}
