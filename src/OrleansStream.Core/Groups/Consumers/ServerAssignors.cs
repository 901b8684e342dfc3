namespace OrleansStream.Core.Groups.Consumers;

/// <summary>Decides which member is to own which partition.</summary>
internal static class ServerAssignors
{
    public const string Uniform = "uniform";

    public const string Range = "range";

    /// <summary>Assigns all partitions of the topics to members that subscribe to them.</summary>
    /// <param name="name">The assignor.</param>
    /// <param name="topics">The topics with the number of their partitions.</param>
    /// <param name="subscribers">Each member, in order of the ids, with the topics that it subscribes to.</param>
    /// <param name="current">What a member was to own until now.</param>
    public static Dictionary<string, PartitionSet> Assign(
        string name,
        IReadOnlyDictionary<Guid, int> topics,
        IReadOnlyList<(string MemberId, IReadOnlySet<Guid> Topics)> subscribers,
        Func<string, PartitionSet> current)
        => name == Range ? AssignRanges(topics, subscribers) : UniformAssignor.Assign(topics, subscribers, current);

    /// <summary>Each topic in contiguous ranges, so that topics with the same subscribers and sizes are assigned alike.</summary>
    private static Dictionary<string, PartitionSet> AssignRanges(
        IReadOnlyDictionary<Guid, int> topics, IReadOnlyList<(string MemberId, IReadOnlySet<Guid> Topics)> subscribers)
    {
        var assigned = subscribers.ToDictionary(member => member.MemberId, _ => new List<(Guid, int)>(), StringComparer.Ordinal);
        foreach (var (topic, count) in topics.OrderBy(topic => topic.Key))
        {
            var members = subscribers.Where(member => member.Topics.Contains(topic)).ToList();
            var next = 0;
            for (var i = 0; i < members.Count; i++)
            {
                var size = (count / members.Count) + (i < count % members.Count ? 1 : 0);
                assigned[members[i].MemberId].AddRange(Enumerable.Range(next, size).Select(partition => (topic, partition)));
                next += size;
            }
        }

        return assigned.ToDictionary(pair => pair.Key, pair => PartitionSet.Of(pair.Value), StringComparer.Ordinal);
    }
}
