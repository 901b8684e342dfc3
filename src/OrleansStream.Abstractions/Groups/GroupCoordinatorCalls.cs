namespace OrleansStream.Abstractions;

/// <summary>Calls of a coordinator that wait for as long as the group needs.</summary>
public static class GroupCoordinatorCalls
{
    /// <summary>
    /// How long one call waits for a join or sync to be answered, well below the response timeout of a grain call. Then it
    /// answers with <c>IsPending</c>, and the caller calls again with the same request, whose id finds the wait again.
    /// </summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(10);

    /// <summary>Joins, and waits until the group has formed its next generation or the join has failed.</summary>
    public static async Task<JoinGroupResponse> JoinGroupToEndAsync(
        this IGroupCoordinatorGrain coordinator, JoinGroupRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(coordinator);
        while (true)
        {
            var response = await coordinator.JoinGroupAsync(request, cancellationToken);
            if (!response.IsPending)
            {
                return response;
            }
        }
    }

    /// <summary>Syncs, and waits until the leader's assignment has come or the sync has failed.</summary>
    public static async Task<SyncGroupResponse> SyncGroupToEndAsync(
        this IGroupCoordinatorGrain coordinator, SyncGroupRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(coordinator);
        while (true)
        {
            var response = await coordinator.SyncGroupAsync(request, cancellationToken);
            if (!response.IsPending)
            {
                return response;
            }
        }
    }
}
