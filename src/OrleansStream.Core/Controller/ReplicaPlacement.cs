using System.Collections.Immutable;

namespace OrleansStream.Core.Controller;

/// <summary>
/// Spreads replicas over brokers as Kafka does (KIP-36). First replicas go round the brokers; the others follow at a distance that
/// grows by one each time round, so that the replicas of one broker's partitions are spread over all others. With racks, the
/// brokers are ordered so that racks alternate, and no rack gets a second replica before each has one.
/// </summary>
public static class ReplicaPlacement
{
    /// <summary>Chooses the replicas of new partitions.</summary>
    /// <param name="brokers">Brokers and their racks; racks count only if all brokers have one.</param>
    /// <param name="partitionCount">The number of partitions to add.</param>
    /// <param name="replicationFactor">The number of replicas of each.</param>
    /// <param name="startIndex">Where the round of first replicas starts; any number that is not negative, usually random.</param>
    /// <param name="startShift">The distance of the second replicas at the start; any number that is not negative, usually random.</param>
    /// <param name="firstPartition">The number of the first partition to add.</param>
    /// <returns>The replicas of each partition, or <see cref="ErrorCode.InvalidPartitions"/> or <see cref="ErrorCode.InvalidReplicationFactor"/>.</returns>
    public static Outcome<ImmutableArray<ImmutableArray<int>>> Assign(
        IReadOnlyCollection<BrokerRack> brokers, int partitionCount, int replicationFactor, int startIndex, int startShift, int firstPartition = 0)
    {
        ArgumentNullException.ThrowIfNull(brokers);
        ArgumentOutOfRangeException.ThrowIfNegative(startIndex);
        ArgumentOutOfRangeException.ThrowIfNegative(startShift);
        ArgumentOutOfRangeException.ThrowIfNegative(firstPartition);
        if (partitionCount <= 0)
        {
            return Outcome.Failure(ErrorCode.InvalidPartitions, $"Number of partitions must be larger than 0; it is {partitionCount}.");
        }

        if (replicationFactor <= 0)
        {
            return Outcome.Failure(ErrorCode.InvalidReplicationFactor, $"Replication factor must be larger than 0; it is {replicationFactor}.");
        }

        if (replicationFactor > brokers.Count)
        {
            return Outcome.Failure(
                ErrorCode.InvalidReplicationFactor,
                $"Replication factor: {replicationFactor} larger than available brokers: {brokers.Count}.");
        }

        // Racks count only if all brokers have one: a half-labelled cluster must still be able to create topics.
        var isRackAware = brokers.All(broker => broker.Rack is not null);
        var ordered = isRackAware ? AlternateRacks(brokers) : [.. brokers.OrderBy(broker => broker.BrokerId)];
        var assignment = ImmutableArray.CreateBuilder<ImmutableArray<int>>(partitionCount);
        var shift = startShift;
        for (var partition = firstPartition; assignment.Count < partitionCount; partition++)
        {
            if (partition > 0 && partition % ordered.Length == 0)
            {
                shift++;
            }

            var first = (int)(((long)partition + startIndex) % ordered.Length);
            assignment.Add(isRackAware
                ? PlaceOverRacks(ordered, first, shift, replicationFactor)
                : Place(ordered, first, shift, replicationFactor));
        }

        return Outcome.Of(assignment.MoveToImmutable());
    }

    /// <summary>Brokers ordered so that racks, in order of their name, take turns.</summary>
    public static ImmutableArray<BrokerRack> AlternateRacks(IReadOnlyCollection<BrokerRack> brokers)
    {
        ArgumentNullException.ThrowIfNull(brokers);
        var racks = brokers
            .GroupBy(broker => broker.Rack, StringComparer.Ordinal)
            .OrderBy(rack => rack.Key, StringComparer.Ordinal)
            .Select(rack => new Queue<BrokerRack>(rack.OrderBy(broker => broker.BrokerId)))
            .ToArray();
        var ordered = ImmutableArray.CreateBuilder<BrokerRack>(brokers.Count);
        while (ordered.Count < brokers.Count)
        {
            foreach (var rack in racks)
            {
                if (rack.TryDequeue(out var broker))
                {
                    ordered.Add(broker);
                }
            }
        }

        return ordered.MoveToImmutable();
    }

    private static ImmutableArray<int> Place(ImmutableArray<BrokerRack> brokers, int first, int shift, int replicationFactor)
    {
        var replicas = ImmutableArray.CreateBuilder<int>(replicationFactor);
        replicas.Add(brokers[first].BrokerId);
        for (var i = 0; replicas.Count < replicationFactor; i++)
        {
            replicas.Add(brokers[Following(first, shift, i, brokers.Length)].BrokerId);
        }

        return replicas.MoveToImmutable();
    }

    private static ImmutableArray<int> PlaceOverRacks(ImmutableArray<BrokerRack> brokers, int first, int shift, int replicationFactor)
    {
        var rackCount = brokers.Select(broker => broker.Rack).Distinct(StringComparer.Ordinal).Count();
        var replicas = ImmutableArray.CreateBuilder<int>(replicationFactor);
        var racksTaken = new HashSet<string>(StringComparer.Ordinal) { brokers[first].Rack! };
        replicas.Add(brokers[first].BrokerId);
        for (var i = 0; replicas.Count < replicationFactor; i++)
        {
            var candidate = brokers[Following(first, (long)shift * rackCount, i, brokers.Length)];
            var isRackFree = racksTaken.Count == rackCount || !racksTaken.Contains(candidate.Rack!);
            if (isRackFree && !replicas.Contains(candidate.BrokerId))
            {
                replicas.Add(candidate.BrokerId);
                racksTaken.Add(candidate.Rack!);
            }
        }

        return replicas.MoveToImmutable();
    }

    private static int Following(int first, long shift, int index, int brokerCount)
        => (int)((first + 1 + ((shift + index) % (brokerCount - 1))) % brokerCount);
}
