namespace Orleans.Configuration;

/// <summary>Calls and their messages on a silo.</summary>
public class SiloMessagingOptions : MessagingOptions
{
    /// <summary>
    /// How many calls may wait for one activation before further ones fail with <see cref="Runtime.LimitExceededException"/>; 0: no limit.
    /// The Embedded engine's default is 10,000.
    /// </summary>
    public int MaxEnqueuedRequestsHardLimit { get; set; } = 10_000;

    /// <summary>How often a call may be passed on to another silo. Default 2.</summary>
    public int MaxForwardCount { get; set; } = 2;
}
