using Orleans;
using Orleans.Runtime;
using Orleans.Runtime.Messaging;

namespace OrleansStream.Engine.Client;

internal sealed class DelegateConnectionRetryFilter(Func<Exception, CancellationToken, Task<bool>> filter) : IClientConnectionRetryFilter
{
    public Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken) => filter(exception, cancellationToken);
}

/// <summary>The filter of a client that has no other: fifteen attempts, each 1.5 s further apart.</summary>
internal sealed class LinearBackoffConnectionRetryFilter(TimeProvider timeProvider) : IClientConnectionRetryFilter
{
    private const int MaxRetryCount = 15;
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(1500);
    private int _retryCount;

    public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
    {
        if (_retryCount >= MaxRetryCount
            || cancellationToken.IsCancellationRequested
            || exception is not (OrleansMessageRejectionException or ConnectionFailedException))
        {
            return false;
        }

        _retryCount++;
        await Task.Delay(Step * _retryCount, timeProvider, cancellationToken).ConfigureAwait(false);
        return true;
    }
}
