using OrleansStream.Cli.Invocation;
using OrleansStream.Cli.Terminal;
using OrleansStream.Client;

namespace OrleansStream.Cli.Reassignments;

/// <summary>Waits for reassignments.</summary>
internal static class ReassignmentWait
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    /// <summary>Waits until no reassignment of some topics is under way, and takes their throttle off.</summary>
    /// <param name="admin">The cluster.</param>
    /// <param name="environment">Where to show how far it is.</param>
    /// <param name="topics">The topics; none for all.</param>
    /// <param name="cancellationToken">Ends the wait; the reassignments go on.</param>
    public static async Task<LiftedThrottle> UntilOverAsync(
        IAdminClient admin, CommandEnvironment environment, IReadOnlyCollection<string> topics, CancellationToken cancellationToken)
    {
        try
        {
            using var line = environment.StartProgress();
            while (await ReassignmentProgress.ReadAsync(admin, topics, cancellationToken).ConfigureAwait(false) is { Count: > 0 } ongoing)
            {
                line.Show(() => Summary(ongoing));
                await Task.Delay(Interval, environment.Time, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            environment.Error.WriteLine("the reassignment goes on; `ostream topics reassignments --wait` waits for it and takes the throttle off, with --cancel it is called off");
            throw;
        }

        return await LiftAsync(admin, topics, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes the throttle off those topics of which nothing is under way; none for all.</summary>
    public static async Task<LiftedThrottle> LiftAsync(IAdminClient admin, IReadOnlyCollection<string> topics, CancellationToken cancellationToken)
    {
        var names = topics.Count > 0
            ? topics
            : [.. (await admin.ListTopicsAsync(includeInternal: true, cancellationToken).ConfigureAwait(false)).Select(topic => topic.Name)];
        var ongoing = await admin.ListPartitionReassignmentsAsync(cancellationToken).ConfigureAwait(false);
        return await new ReassignmentThrottle(admin).LiftAsync(names, ongoing, cancellationToken).ConfigureAwait(false);
    }

    private static string Summary(IReadOnlyList<ReassignmentProgress> ongoing)
        => $"{Quantity.Of(ongoing.Count, "partition")} to go  {Quantity.Bytes(ongoing.Sum(move => move.CopiedBytes))} of {Quantity.Bytes(ongoing.Sum(move => move.TotalBytes ?? 0))} copied";
}
