using System.Diagnostics;
using OrleansStream.Storage.CrashWriter;

namespace OrleansStream.Storage.Tests;

/// <summary>A process that writes, says what it has flushed, and is killed with SIGKILL.</summary>
internal static class KilledWriter
{
    /// <param name="arguments">The program's arguments.</param>
    /// <param name="onLine">Takes each line that it has printed.</param>
    /// <param name="isEnough">Asked before each line whether to kill now.</param>
    public static async Task RunAsync(IEnumerable<string> arguments, Action<string> onLine, Func<bool> isEnough)
    {
        var token = TestContext.Current.CancellationToken;
        var program = Path.ChangeExtension(typeof(CrashRecords).Assembly.Location, ".dll");
        using var process = Process.Start(new ProcessStartInfo("dotnet", [program, .. arguments]) { RedirectStandardOutput = true })!;
        try
        {
            while (!isEnough() && await process.StandardOutput.ReadLineAsync(token).AsTask().WaitAsync(LogFixture.TimeLimit, token) is { } line)
            {
                onLine(line);
            }
        }
        finally
        {
            process.Kill();
        }

        // What it had printed before it died counts as well; a line that the kill cut in two does not.
        var rest = await process.StandardOutput.ReadToEndAsync(token);
        foreach (var line in rest[..(rest.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            onLine(line);
        }

        await process.WaitForExitAsync(token);
        process.ExitCode.ShouldNotBe(0);
    }
}
