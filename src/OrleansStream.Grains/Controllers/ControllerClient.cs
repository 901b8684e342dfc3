using Microsoft.Extensions.Logging;
using Orleans;
using OrleansStream.Abstractions;
using OrleansStream.Grains.Cluster;
using OrleansStream.Metadata;

namespace OrleansStream.Grains.Controllers;

/// <summary>Finds the controller and asks it, again while it changes.</summary>
internal sealed partial class ControllerClient(IGrainFactory grains, ConfigService configs, TimeProvider time, ILogger<ControllerClient> logger)
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(100);

    /// <summary>Asks the controller until one has answered.</summary>
    /// <param name="ask">The request; it may be made more than once.</param>
    /// <param name="errorOf">The error in an answer: <see cref="ErrorCode.NotController"/> means to look for the controller again.</param>
    /// <param name="timeout">How long to try.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="TimeoutException">There was no controller that answered.</exception>
    public async Task<T> AskAsync<T>(
        Func<IControllerGrain, CancellationToken, Task<T>> ask, Func<T, ErrorCode> errorOf, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            while (true)
            {
                try
                {
                    if (await configs.Session.Cluster.ReadControllerAsync(null, either.Token) is { } controllerId)
                    {
                        var answer = await ask(grains.GetGrain<IControllerGrain>(controllerId), either.Token).WaitAsync(either.Token);
                        if (errorOf(answer) != ErrorCode.NotController)
                        {
                            return answer;
                        }
                    }
                }
                catch (Exception exception) when (!either.IsCancellationRequested && exception is not MetadataSessionExpiredException)
                {
                    LogRetry(logger, exception);
                }

                await Task.Delay(RetryDelay, time, either.Token);
            }
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The controller was not reached within {timeout}.");
        }
    }

    [LoggerMessage(1, LogLevel.Information, "The controller could not be asked; trying again")]
    private static partial void LogRetry(ILogger logger, Exception exception);
}
