using System.Diagnostics;

namespace OrleansStream.Faults.Clients;

/// <summary>A client's process: lines go in, lines come out, and what nobody understands goes to a file.</summary>
internal sealed class ClientProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Func<string, bool> _take;

    private ClientProcess(Process process, Func<string, bool> take, string logFile)
    {
        (_process, _take) = (process, take);
        Ended = RunAsync(logFile);
    }

    /// <summary>Completes when the process has ended and all that it said was taken; with its exit code.</summary>
    public Task<int> Ended { get; }

    /// <summary>The last line that nobody understood: mostly why it has ended.</summary>
    public string LastWords { get; private set; } = "";

    /// <summary>Starts a program.</summary>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="take">Takes a line of either output, one at a time; false for one that belongs into the file.</param>
    /// <param name="logFile">The file, to be appended to.</param>
    public static ClientProcess Start(IReadOnlyList<string> command, Func<string, bool> take, string logFile)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        return new ClientProcess(Process.Start(start)!, take, logFile);
    }

    /// <summary>Hands it lines; waits while it takes none.</summary>
    /// <exception cref="IOException">It has ended.</exception>
    public async Task WriteAsync(string lines)
    {
        await _process.StandardInput.WriteAsync(lines);
        await _process.StandardInput.FlushAsync();
    }

    /// <summary>Says that there are no more lines.</summary>
    public void CloseInput()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended before; whoever waits for Ended sees that.
        }
    }

    public void Kill()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Kill();
        await Ended;
        _process.Dispose();
    }

    private async Task<int> RunAsync(string logFile)
    {
        await using var log = new StreamWriter(new FileStream(logFile, FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
        var gate = new Lock();
        await Task.WhenAll(ReadAsync(_process.StandardOutput), ReadAsync(_process.StandardError));
        await _process.WaitForExitAsync();
        return _process.ExitCode;

        async Task ReadAsync(StreamReader reader)
        {
            while (await reader.ReadLineAsync() is { } line)
            {
                lock (gate)
                {
                    if (!_take(line))
                    {
                        LastWords = line;
                        log.WriteLine(line);
                    }
                }
            }
        }
    }
}
