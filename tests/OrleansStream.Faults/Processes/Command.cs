using System.Diagnostics;

namespace OrleansStream.Faults.Processes;

/// <summary>Runs small programs to their end.</summary>
internal static class Command
{
    /// <exception cref="CommandFailedException">It is missing or ended badly; with what it said.</exception>
    public static async Task RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })
            ?? throw new CommandFailedException($"{program} did not start");
        var error = process.StandardError.ReadToEndAsync();
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new CommandFailedException($"{program} {string.Join(' ', arguments)}: {await error}");
        }
    }
}
