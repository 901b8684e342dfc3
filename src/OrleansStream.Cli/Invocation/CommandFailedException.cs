namespace OrleansStream.Cli.Invocation;

/// <summary>Ends the command: one line for the user that names the thing and the remedy, and the exit code.</summary>
internal sealed class CommandFailedException(string message, int exitCode = ExitCode.Failed) : Exception(message)
{
    /// <summary>The exit code of the process.</summary>
    public int ExitCode { get; } = exitCode;

    /// <summary>A command line that cannot be carried out as it stands.</summary>
    public static CommandFailedException Usage(string message) => new(message, Invocation.ExitCode.Usage);
}
