namespace OrleansStream.Client;

/// <summary>
/// Finds an assignment that is as even as the subscriptions allow and takes from members no more than that needs.
/// </summary>
internal sealed partial class StickyAssignment
{
    private readonly MemberSubscription[] _members;
    private readonly HashSet<string>[] _topicsOf;
    private readonly TopicPartition[] _partitions;
    private readonly Dictionary<TopicPartition, int> _prior = [];
    private readonly List<TopicPartition>[] _assigned;

    public StickyAssignment(
        IReadOnlyDictionary<string, int> partitionCounts,
        IReadOnlyList<MemberSubscription> members,
        Func<MemberSubscription, PriorOwnership> prior)
    {
        _members = [.. members.Order(Comparer<MemberSubscription>.Create(MemberSubscription.CompareOrder))];
        _topicsOf = Array.ConvertAll(_members, member => member.Topics.Where(partitionCounts.ContainsKey).ToHashSet(StringComparer.Ordinal));
        _partitions =
        [
            .. _topicsOf.SelectMany(topics => topics).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)
                .SelectMany(topic => Enumerable.Range(0, partitionCounts[topic]).Select(partition => new TopicPartition(topic, partition))),
        ];
        _assigned = Array.ConvertAll(_members, _ => new List<TopicPartition>());
        FindPriorOwners(partitionCounts, prior);
    }

    public Dictionary<string, IReadOnlyList<TopicPartition>> Build()
    {
        if (Array.TrueForAll(_topicsOf, topics => topics.SetEquals(_topicsOf[0])))
        {
            AssignUniform();
        }
        else
        {
            AssignMixed();
        }

        return _members.Select((member, index) => (member.MemberId, Partitions: _assigned[index].Order().ToArray()))
            .ToDictionary(entry => entry.MemberId, entry => (IReadOnlyList<TopicPartition>)entry.Partitions, StringComparer.Ordinal);
    }

    /// <summary>Of several members that say they had a partition the newest generation is right; of two of the same, neither.</summary>
    private void FindPriorOwners(IReadOnlyDictionary<string, int> partitionCounts, Func<MemberSubscription, PriorOwnership> prior)
    {
        var generations = new Dictionary<TopicPartition, int>();
        for (var index = 0; index < _members.Length; index++)
        {
            var (partitions, generation) = prior(_members[index]);
            foreach (var partition in partitions.Distinct())
            {
                if (!_topicsOf[index].Contains(partition.Topic) || (uint)partition.Partition >= (uint)partitionCounts[partition.Topic])
                {
                    continue;
                }

                if (!generations.TryGetValue(partition, out var known) || generation > known)
                {
                    generations[partition] = generation;
                    _prior[partition] = index;
                }
                else if (generation == known)
                {
                    _prior.Remove(partition);
                }
            }
        }
    }

    /// <summary>All subscribe to the same topics: everybody keeps what the even share allows, and the rest is dealt out.</summary>
    private void AssignUniform()
    {
        if (_members.Length == 0)
        {
            return;
        }

        var (share, extra) = Math.DivRem(_partitions.Length, _members.Length);
        var free = new Queue<TopicPartition>();
        foreach (var partition in _partitions)
        {
            if (!_prior.TryGetValue(partition, out var owner) || !TryKeep(owner))
            {
                free.Enqueue(partition);
            }
            else
            {
                _assigned[owner].Add(partition);
            }
        }

        // In turns, so that a topic's partitions do not pile up on one member.
        for (var limit = share; free.Count > 0; limit++)
        {
            for (var dealt = true; dealt && free.Count > 0;)
            {
                dealt = false;
                foreach (var list in _assigned)
                {
                    if (list.Count < limit && free.TryDequeue(out var partition))
                    {
                        list.Add(partition);
                        dealt = true;
                    }
                }
            }
        }

        bool TryKeep(int owner)
        {
            var count = _assigned[owner].Count;
            return count < share || (count == share && extra-- > 0);
        }
    }
}
