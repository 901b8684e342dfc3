using OrleansStream.Client;

namespace OrleansStream.Faults.Running;

/// <summary>The one place where this program waits by the clock: faults last for a time, and states of other processes raise no event here.</summary>
internal static class Pace
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(200);

    public static Task ForAsync(TimeSpan time, CancellationToken cancellationToken) => Task.Delay(time, cancellationToken);

    /// <summary>Looks until something is so; false when it was not within the time. A look that throws is one that saw nothing.</summary>
    public static async Task<bool> UntilAsync(Func<CancellationToken, Task<bool>> isSo, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        while (true)
        {
            try
            {
                if (await isSo(limit.Token))
                {
                    return true;
                }

                await Task.Delay(LookAgain, limit.Token);
            }
            catch (Exception exception) when (exception is OrleansStreamException or OperationCanceledException or TimeoutException)
            {
                if (limit.IsCancellationRequested)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    return false;
                }

                await Task.WhenAny(Task.Delay(LookAgain, limit.Token));
            }
        }
    }
}
