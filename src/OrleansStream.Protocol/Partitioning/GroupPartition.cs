namespace OrleansStream.Protocol.Partitioning;

/// <summary>Which partition of <c>__consumer_offsets</c> a group belongs to.</summary>
public static class GroupPartition
{
    /// <summary>Kafka's rule: the group id's hash as Java has it, without its sign, modulo the number of partitions.</summary>
    /// <param name="groupId">The group.</param>
    /// <param name="partitionCount">The number of partitions of the topic; at least 1.</param>
    public static int Of(string groupId, int partitionCount)
    {
        ArgumentNullException.ThrowIfNull(groupId);
        ArgumentOutOfRangeException.ThrowIfLessThan(partitionCount, 1);
        var hash = 0;
        foreach (var unit in groupId)
        {
            hash = unchecked((31 * hash) + unit);
        }

        return (hash == int.MinValue ? 0 : Math.Abs(hash)) % partitionCount;
    }
}
