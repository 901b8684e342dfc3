namespace Orleans.Configuration;

/// <summary>Calls and their messages.</summary>
public abstract class MessagingOptions
{
    /// <summary>How long a caller waits for an answer before <see cref="TimeoutException"/>. Default 30 s.</summary>
    public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether a call whose caller stopped waiting is cancelled at the grain. Default true.</summary>
    public bool CancelRequestOnTimeout { get; set; } = true;

    /// <summary>The largest message, in bytes. Default 100 MiB.</summary>
    public int MaxMessageBodySize { get; set; } = 100 * 1024 * 1024;
}
