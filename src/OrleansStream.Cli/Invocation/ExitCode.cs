namespace OrleansStream.Cli.Invocation;

/// <summary>What the process tells its caller.</summary>
internal static class ExitCode
{
    /// <summary>Everything that was asked for was done.</summary>
    public const int Success = 0;

    /// <summary>The operation failed; one line on stderr says why.</summary>
    public const int Failed = 1;

    /// <summary>The command line was wrong; nothing was done.</summary>
    public const int Usage = 2;

    /// <summary>Ctrl-C or SIGTERM ended it before its work was done (128 + SIGINT, as shells have it).</summary>
    public const int Interrupted = 130;
}
