namespace OrleansStream.Core.Groups.Consumers;

/// <summary>
/// Gives members as equal numbers of partitions as their subscriptions allow, and moves no more than that takes: what a member has and
/// may keep it keeps, what nobody has goes to whoever has least, and then partitions go from the fullest to the emptiest.
/// </summary>
internal sealed class UniformAssignor
{
    private readonly SortedSet<(int Count, string MemberId)> _byLoad = new(Comparer<(int Count, string MemberId)>.Create(
        (left, right) => left.Count != right.Count ? left.Count.CompareTo(right.Count) : string.CompareOrdinal(left.MemberId, right.MemberId)));

    private readonly Dictionary<string, SortedSet<(Guid Topic, int Partition)>> _assigned = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlySet<Guid>> _subscriptions = new(StringComparer.Ordinal);

    private UniformAssignor(IReadOnlyList<(string MemberId, IReadOnlySet<Guid> Topics)> subscribers)
    {
        foreach (var (memberId, topics) in subscribers)
        {
            _assigned.Add(memberId, []);
            _subscriptions.Add(memberId, topics);
            _byLoad.Add((0, memberId));
        }
    }

    public static Dictionary<string, PartitionSet> Assign(
        IReadOnlyDictionary<Guid, int> topics,
        IReadOnlyList<(string MemberId, IReadOnlySet<Guid> Topics)> subscribers,
        Func<string, PartitionSet> current)
    {
        var assignor = new UniformAssignor(subscribers);
        var open = new SortedSet<(Guid Topic, int Partition)>(
            topics.SelectMany(topic => Enumerable.Range(0, topic.Value).Select(partition => (topic.Key, partition))));
        foreach (var (memberId, subscription) in subscribers)
        {
            foreach (var partition in current(memberId).All)
            {
                if (subscription.Contains(partition.Topic) && open.Remove(partition))
                {
                    assignor.Give(memberId, partition);
                }
            }
        }

        foreach (var partition in open)
        {
            if (assignor.LeastLoaded(partition.Topic) is { } memberId)
            {
                assignor.Give(memberId, partition);
            }
        }

        assignor.Balance();
        return assignor._assigned.ToDictionary(pair => pair.Key, pair => PartitionSet.Of(pair.Value), StringComparer.Ordinal);
    }

    /// <summary>Moves partitions down until no single move makes the group more even; each move does, so it ends.</summary>
    private void Balance()
    {
        bool moved;
        do
        {
            moved = false;
            foreach (var (_, memberId) in _byLoad.Reverse().ToList())
            {
                moved |= Unload(memberId);
            }
        }
        while (moved);
    }

    private bool Unload(string memberId)
    {
        var moved = false;
        foreach (var partition in _assigned[memberId].Reverse().ToList())
        {
            if (LeastLoaded(partition.Topic) is { } other && _assigned[other].Count + 1 < _assigned[memberId].Count)
            {
                Take(memberId, partition);
                Give(other, partition);
                moved = true;
            }
            else if (_assigned[memberId].Count <= _byLoad.Min.Count + 1)
            {
                break;
            }
        }

        return moved;
    }

    private string? LeastLoaded(Guid topic)
    {
        foreach (var (_, memberId) in _byLoad)
        {
            if (_subscriptions[memberId].Contains(topic))
            {
                return memberId;
            }
        }

        return null;
    }

    private void Give(string memberId, (Guid Topic, int Partition) partition) => Change(memberId, partitions => partitions.Add(partition));

    private void Take(string memberId, (Guid Topic, int Partition) partition) => Change(memberId, partitions => partitions.Remove(partition));

    private void Change(string memberId, Action<SortedSet<(Guid Topic, int Partition)>> change)
    {
        var partitions = _assigned[memberId];
        _byLoad.Remove((partitions.Count, memberId));
        change(partitions);
        _byLoad.Add((partitions.Count, memberId));
    }
}
