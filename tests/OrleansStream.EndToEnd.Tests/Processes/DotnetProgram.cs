using System.Diagnostics;

namespace OrleansStream.EndToEnd.Tests.Processes;

/// <summary>Starts programs with their three streams in the tests' hands.</summary>
internal static class DotnetProgram
{
    private static readonly TimeSpan CommandTimeout = TimeSpan.FromMinutes(2);

    /// <summary>Starts an assembly with the dotnet host.</summary>
    public static Process Start(string assembly, IEnumerable<string> arguments) => StartFile(BuildOutput.Dotnet, [assembly, .. arguments]);

    /// <summary>Starts any program.</summary>
    public static Process StartFile(string file, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return Process.Start(start)!;
    }

    /// <summary>Runs a process to its end.</summary>
    /// <param name="process">The process, just started.</param>
    /// <param name="writeInput">Writes stdin, which is closed afterwards; null for an empty one.</param>
    public static async Task<CommandResult> RunToEndAsync(this Process process, Func<Stream, Task>? writeInput = null)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(CommandTimeout);
        try
        {
            using var output = new MemoryStream();
            var copying = process.StandardOutput.BaseStream.CopyToAsync(output, timeout.Token);
            var reading = process.StandardError.ReadToEndAsync(timeout.Token);
            await WriteInputAsync(process, writeInput);
            await copying;
            var error = await reading;
            await process.WaitForExitAsync(timeout.Token);
            return new CommandResult(process.ExitCode, output.ToArray(), error);
        }
        catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"'{string.Join(' ', process.StartInfo.ArgumentList)}' did not end within {CommandTimeout}.");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }

            process.Dispose();
        }
    }

    private static async Task WriteInputAsync(Process process, Func<Stream, Task>? writeInput)
    {
        try
        {
            if (writeInput is not null)
            {
                await writeInput(process.StandardInput.BaseStream);
            }

            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The program ended before it had read everything; its exit code and message say why.
        }
    }
}
