namespace OrleansStream.Faults.Processes;

/// <summary>POSIX signals, by Linux's numbers.</summary>
public enum Signal
{
    /// <summary>SIGKILL.</summary>
    Kill = 9,

    /// <summary>SIGTERM.</summary>
    Terminate = 15,

    /// <summary>SIGCONT.</summary>
    Continue = 18,

    /// <summary>SIGSTOP.</summary>
    Stop = 19,
}
