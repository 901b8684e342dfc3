namespace OrleansStream.Cluster.Tests.Clusters;

/// <summary>Waits for what raises no event here: the state of a grain.</summary>
internal static class Poll
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Looks until something is so. Each look is a call over the network, which is pause enough.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            TimeProvider.System.GetElapsedTime(started).ShouldBeLessThan(Patience, $"waiting for {what}");
        }
    }
}
