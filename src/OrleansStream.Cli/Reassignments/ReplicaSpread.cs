using OrleansStream.Abstractions;

namespace OrleansStream.Cli.Reassignments;

/// <summary>
/// Spreads the replicas of some partitions nearly evenly over some brokers and moves no more than that takes: a replica stays where it is unless its
/// broker has more than its share. Replicas of a partition are on several racks where there are several.
/// </summary>
internal static class ReplicaSpread
{
    /// <summary>Plans the replicas of each partition.</summary>
    /// <param name="partitions">The partitions with their replicas now, in order.</param>
    /// <param name="brokers">The brokers that are to hold them.</param>
    /// <param name="replicationFactor">How many replicas each is to have, at most as many as there are brokers; null for as many as it has.</param>
    public static Dictionary<TopicPartition, int[]> Plan(
        IReadOnlyList<(TopicPartition Partition, int[] Replicas)> partitions, IReadOnlyList<BrokerMetadata> brokers, int? replicationFactor)
    {
        var counts = partitions.Select(entry => replicationFactor ?? entry.Replicas.Length).ToArray();
        var racks = brokers.ToDictionary(broker => broker.BrokerId, broker => broker.Rack);
        var load = brokers.ToDictionary(broker => broker.BrokerId, _ => 0);
        var share = Share(counts.Sum(), brokers.Count);
        var kept = new List<int>[partitions.Count];
        for (var i = 0; i < partitions.Count; i++)
        {
            kept[i] = [];
            foreach (var replica in partitions[i].Replicas.Where(load.ContainsKey))
            {
                if (kept[i].Count < counts[i] && load[replica] < share)
                {
                    kept[i].Add(replica);
                    load[replica]++;
                }
            }
        }

        for (var i = 0; i < partitions.Count; i++)
        {
            while (kept[i].Count < counts[i])
            {
                var next = load.Keys.Except(kept[i])
                    .OrderBy(id => racks[id] is { } rack && kept[i].Exists(other => racks[other] == rack))
                    .ThenBy(id => load[id])
                    .ThenBy(id => !partitions[i].Replicas.Contains(id))
                    .ThenBy(id => id)
                    .First();
                kept[i].Add(next);
                load[next]++;
            }
        }

        return WithLeaders(partitions, kept, brokers);
    }

    /// <summary>Puts the preferred leader of each partition first: the one it has unless that one would lead more than its share.</summary>
    private static Dictionary<TopicPartition, int[]> WithLeaders(
        IReadOnlyList<(TopicPartition Partition, int[] Replicas)> partitions, List<int>[] replicas, IReadOnlyList<BrokerMetadata> brokers)
    {
        var leads = brokers.ToDictionary(broker => broker.BrokerId, _ => 0);
        var share = Share(partitions.Count, brokers.Count);
        var planned = new Dictionary<TopicPartition, int[]>();
        for (var i = 0; i < partitions.Count; i++)
        {
            var preferred = partitions[i].Replicas.FirstOrDefault(-1);
            var leader = replicas[i].Contains(preferred) && leads[preferred] < share
                ? preferred
                : replicas[i].OrderBy(id => leads[id]).ThenBy(id => id).First();
            leads[leader]++;
            planned.Add(partitions[i].Partition, [leader, .. replicas[i].Where(id => id != leader)]);
        }

        return planned;
    }

    private static int Share(int total, int brokers) => (total + brokers - 1) / brokers;
}
