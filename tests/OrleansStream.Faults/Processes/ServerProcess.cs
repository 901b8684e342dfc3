using System.Diagnostics;
using System.Runtime.InteropServices;

namespace OrleansStream.Faults.Processes;

/// <summary>A long-running process whose output goes to a file, and what can be done to it.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task _writing;
    private readonly TaskCompletionSource<string?> _firstLine = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServerProcess(Process process, string logFile)
    {
        _process = process;
        _writing = WriteAsync(logFile);
    }

    /// <summary>The first line that it printed to stdout; null when it ended without one.</summary>
    public Task<string?> FirstLine => _firstLine.Task;

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    /// <summary>Completes when the process has ended.</summary>
    public Task Exited => _process.WaitForExitAsync();

    /// <summary>Starts a program; what it writes is appended to the file.</summary>
    public static ServerProcess Start(IReadOnlyList<string> command, string logFile)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return new ServerProcess(Process.Start(start)!, logFile);
    }

    public void Signal(Signal signal)
    {
        if (!_process.HasExited)
        {
            _ = Kill(_process.Id, (int)signal);
        }
    }

    /// <summary>Kill -9, and waits for the end.</summary>
    public async Task KillAsync()
    {
        Signal(Processes.Signal.Kill);
        await Exited;
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        await _writing;
        _process.Dispose();
    }

    private async Task WriteAsync(string logFile)
    {
        await using var log = new StreamWriter(new FileStream(logFile, FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
        var output = CopyAsync(_process.StandardOutput);
        await CopyAsync(_process.StandardError);
        await output;
        _firstLine.TrySetResult(null);

        async Task CopyAsync(StreamReader reader)
        {
            while (await reader.ReadLineAsync() is { } line)
            {
                if (reader == _process.StandardOutput)
                {
                    _firstLine.TrySetResult(line);
                }

                lock (log)
                {
                    log.WriteLine(line);
                }
            }
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static extern int Kill(int processId, int signal);
}
