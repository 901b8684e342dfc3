namespace Orleans;

/// <summary>Decides whether a client that could not connect tries again.</summary>
public interface IClientConnectionRetryFilter
{
    /// <summary>Waits as long as it sees fit and returns true to try again, false to let the client's start fail.</summary>
    Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken);
}
