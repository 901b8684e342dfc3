namespace OrleansStream.Cli.Reassignments;

/// <summary>What a throttle was taken off.</summary>
/// <param name="Topics">Topics whose replicas were throttled.</param>
/// <param name="Brokers">Brokers that had a rate.</param>
internal sealed record LiftedThrottle(string[] Topics, int[] Brokers)
{
    /// <summary>Whether there was none.</summary>
    public bool IsEmpty => Topics.Length == 0 && Brokers.Length == 0;
}
