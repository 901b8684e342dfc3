namespace OrleansStream.Cli.Reassignments;

/// <summary>Other replicas for a partition.</summary>
/// <param name="TopicPartition">The partition.</param>
/// <param name="Before">Its replicas now, those of an unfinished reassignment left out.</param>
/// <param name="Target">Its replicas to be, the preferred leader first.</param>
internal sealed record Reassignment(TopicPartition TopicPartition, int[] Before, int[] Target)
{
    /// <summary>Those that have to copy the partition.</summary>
    public IEnumerable<int> Added => Target.Except(Before);
}
