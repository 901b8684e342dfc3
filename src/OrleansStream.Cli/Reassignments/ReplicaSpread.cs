using OrleansStream.Abstractions;

namespace OrleansStream.Cli.Reassignments;

/// <summary>
/// Spreads the replicas of some partitions evenly over some brokers and moves no more than that takes: a replica stays where it is unless its
/// broker has more than others. Replicas of a partition are on several racks where there are several.
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
        var placed = partitions.Select((entry, i) => entry.Replicas.Where(load.ContainsKey).Take(counts[i]).ToList()).ToArray();
        foreach (var replica in placed.SelectMany(replicas => replicas))
        {
            load[replica]++;
        }

        for (var i = 0; i < partitions.Count; i++)
        {
            while (placed[i].Count < counts[i])
            {
                var next = load.Keys.Except(placed[i])
                    .OrderBy(id => racks[id] is { } rack && placed[i].Exists(other => racks[other] == rack))
                    .ThenBy(id => load[id])
                    .ThenBy(id => !partitions[i].Replicas.Contains(id))
                    .ThenBy(id => id)
                    .First();
                placed[i].Add(next);
                load[next]++;
            }
        }

        while (MoveOne(placed, load, racks))
        {
            // Each move brings two brokers closer together, so this ends.
        }

        return WithLeaders(partitions, placed, brokers);
    }

    /// <summary>Moves one replica from a broker with much to one with little, rather one that does not lead; false when they are even.</summary>
    private static bool MoveOne(List<int>[] placed, Dictionary<int, int> load, Dictionary<int, string?> racks)
    {
        foreach (var from in load.Keys.OrderByDescending(id => load[id]).ThenBy(id => id))
        {
            foreach (var to in load.Keys.Where(id => load[id] < load[from] - 1).OrderBy(id => load[id]).ThenBy(id => id))
            {
                if (placed.Where(replicas => CanReplace(replicas, from, to, racks)).MaxBy(replicas => replicas.IndexOf(from)) is { } replicas)
                {
                    replicas[replicas.IndexOf(from)] = to;
                    load[from]--;
                    load[to]++;
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Whether a partition may have one broker instead of another without putting more of its replicas into one rack.</summary>
    private static bool CanReplace(List<int> replicas, int from, int to, Dictionary<int, string?> racks)
        => replicas.Contains(from)
            && !replicas.Contains(to)
            && (racks[to] is null || racks[to] == racks[from] || !replicas.Exists(other => racks[other] == racks[to]));

    /// <summary>Puts the preferred leader of each partition first: the one it has unless that one would lead more than its share.</summary>
    private static Dictionary<TopicPartition, int[]> WithLeaders(
        IReadOnlyList<(TopicPartition Partition, int[] Replicas)> partitions, List<int>[] replicas, IReadOnlyList<BrokerMetadata> brokers)
    {
        var leads = brokers.ToDictionary(broker => broker.BrokerId, _ => 0);
        var share = (partitions.Count + brokers.Count - 1) / brokers.Count;
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
}
