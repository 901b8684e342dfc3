using OrleansStream.Abstractions;

namespace OrleansStream.Client;

/// <summary>The way to the coordinator of one group: found when it is first needed, and again after it has moved. Safe for concurrent use.</summary>
internal sealed class CoordinatorCalls(ClientContext context, string groupId)
{
    private CoordinatorLocation? _location;

    /// <summary>Calls the coordinator once. Whatever goes wrong with the call itself is an exception, and the coordinator is looked for again.</summary>
    /// <exception cref="OrleansStreamException">There is no coordinator yet, or it gave no answer.</exception>
    public async Task<T> CallOnceAsync<T>(
        Func<IGroupCoordinatorGrain, CancellationToken, Task<T>> call,
        Func<T, ErrorCode> errorOf,
        TimeSpan timeout,
        CancellationToken cancellationToken)
    {
        var location = await LocateAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var factory = await context.GetGrainFactoryAsync(location.BrokerId, cancellationToken).ConfigureAwait(false);
            var grain = factory.GetGrain<IGroupCoordinatorGrain>(new GroupCoordinatorKey(location.Partition, location.BrokerId).ToString());
            var answer = await call(grain, cancellationToken).WaitAsync(timeout, context.Time, cancellationToken).ConfigureAwait(false);
            if (errorOf(answer) is ErrorCode.NotCoordinator or ErrorCode.CoordinatorNotAvailable)
            {
                Forget(location);
            }

            return answer;
        }
        catch (Exception exception) when (exception is not OrleansStreamException && !cancellationToken.IsCancellationRequested)
        {
            Forget(location);
            context.Failed(location.BrokerId, exception);
            throw new OrleansStreamException(
                CallFailures.ToErrorCode(exception),
                $"The coordinator of group '{groupId}' on broker {location.BrokerId} did not answer: {exception.Message}",
                exception);
        }
    }

    /// <summary>Calls until there is an answer that trying again would not change, or the time is over.</summary>
    /// <exception cref="OrleansStreamException">No coordinator gave an answer in time.</exception>
    public async Task<T> CallAsync<T>(
        Func<IGroupCoordinatorGrain, CancellationToken, Task<T>> call,
        Func<T, ErrorCode> errorOf,
        TimeSpan timeout,
        CancellationToken cancellationToken)
    {
        var started = context.Time.GetTimestamp();
        var backoff = new RetryBackoff(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(1));
        while (true)
        {
            var left = timeout - context.Time.GetElapsedTime(started);
            OrleansStreamException? failure = null;
            try
            {
                var answer = await CallOnceAsync(call, errorOf, left > TimeSpan.Zero ? left : TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
                if (!errorOf(answer).MayRetry())
                {
                    return answer;
                }

                failure = new OrleansStreamException(errorOf(answer), $"The coordinator of group '{groupId}' answers {errorOf(answer).WireName()}.");
            }
            catch (OrleansStreamException exception) when (exception.IsRetriable)
            {
                failure = exception;
            }

            var pause = backoff.Next();
            if (context.Time.GetElapsedTime(started) + pause >= timeout)
            {
                throw failure;
            }

            await Task.Delay(pause, context.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Looks for the coordinator again at the next call.</summary>
    public void Forget() => Volatile.Write(ref _location, null);

    /// <summary>Where the coordinator is.</summary>
    /// <exception cref="OrleansStreamException">It is not known yet.</exception>
    public async ValueTask<CoordinatorLocation> LocateAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _location) is { } known)
        {
            return known;
        }

        var found = await context.CallClusterAsync(
            (grain, token) => grain.FindCoordinatorAsync([groupId], token),
            isRepeatable: true,
            cancellationToken).ConfigureAwait(false);
        var location = found[0];
        if (location.Error != ErrorCode.None)
        {
            throw new OrleansStreamException(location.Error, location.ErrorMessage ?? $"Group '{groupId}' has no coordinator: {location.Error.WireName()}.");
        }

        Volatile.Write(ref _location, location);
        return location;
    }

    private void Forget(CoordinatorLocation location) => Interlocked.CompareExchange(ref _location, null, location);
}
