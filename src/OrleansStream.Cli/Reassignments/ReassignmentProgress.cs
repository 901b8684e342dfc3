using OrleansStream.Abstractions;
using OrleansStream.Client;

namespace OrleansStream.Cli.Reassignments;

/// <summary>How far a reassignment has come.</summary>
/// <param name="Reassignment">The reassignment.</param>
/// <param name="Isr">The replicas in sync.</param>
/// <param name="CopiedBytes">The bytes that the added replicas hold.</param>
/// <param name="TotalBytes">The bytes that they have to hold; null while no leader tells.</param>
internal sealed record ReassignmentProgress(OngoingReassignment Reassignment, int[] Isr, long CopiedBytes, long? TotalBytes)
{
    /// <summary>Looks at all that are under way, or at those of some topics.</summary>
    public static async Task<IReadOnlyList<ReassignmentProgress>> ReadAsync(
        IAdminClient admin, IReadOnlyCollection<string> topics, CancellationToken cancellationToken)
    {
        var ongoing = (await admin.ListPartitionReassignmentsAsync(cancellationToken).ConfigureAwait(false))
            .Where(move => topics.Count == 0 || topics.Contains(move.Topic)).ToArray();
        if (ongoing.Length == 0)
        {
            return [];
        }

        var names = ongoing.Select(move => move.Topic).Distinct(StringComparer.Ordinal).ToArray();
        var described = (await admin.DescribeTopicsAsync(names, cancellationToken).ConfigureAwait(false)).ToDictionary(topic => topic.Name, StringComparer.Ordinal);
        var replicas = (await admin.DescribeReplicasAsync(names, cancellationToken).ConfigureAwait(false))
            .ToLookup(replica => new TopicPartition(replica.Topic, replica.Partition));
        return [.. ongoing.Select(move => Of(move, described.GetValueOrDefault(move.Topic), replicas[new TopicPartition(move.Topic, move.Partition)]))];
    }

    private static ReassignmentProgress Of(OngoingReassignment move, TopicMetadata? topic, IEnumerable<PartitionDescription> replicas)
    {
        var held = replicas.ToLookup(replica => replica.BrokerId);
        var partition = topic?.Partitions.FirstOrDefault(partition => partition.Partition == move.Partition);
        var leader = partition is null ? null : held[partition.Leader].FirstOrDefault();
        return new ReassignmentProgress(
            move,
            partition?.Isr ?? [],
            move.AddingReplicas.Sum(id => held[id].Sum(replica => replica.SizeBytes)),
            leader?.SizeBytes * move.AddingReplicas.Length);
    }
}
