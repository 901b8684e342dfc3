namespace OrleansStream.Client;

/// <content>Members that subscribe to different topics.</content>
internal sealed partial class StickyAssignment
{
    /// <summary>
    /// Everybody keeps what it had, what is free goes to the least loaded who may have it, and then partitions are passed on,
    /// from member to member if need be, from one that has at least two more than another.
    /// </summary>
    private void AssignMixed()
    {
        var subscribers = _partitions.Select(partition => partition.Topic).Distinct(StringComparer.Ordinal).ToDictionary(
            topic => topic,
            topic => Enumerable.Range(0, _members.Length).Where(index => _topicsOf[index].Contains(topic)).ToArray(),
            StringComparer.Ordinal);
        var free = new List<TopicPartition>();
        foreach (var partition in _partitions)
        {
            if (_prior.TryGetValue(partition, out var owner))
            {
                _assigned[owner].Add(partition);
            }
            else
            {
                free.Add(partition);
            }
        }

        // Those with the least choice first.
        foreach (var partition in free.OrderBy(partition => subscribers[partition.Topic].Length).ThenBy(partition => partition))
        {
            _assigned[subscribers[partition.Topic].MinBy(index => _assigned[index].Count)].Add(partition);
        }

        while (TryEven(subscribers))
        {
        }
    }

    /// <summary>Makes one member's share one smaller and another's one larger, where that is fairer.</summary>
    private bool TryEven(Dictionary<string, int[]> subscribers)
    {
        foreach (var source in Enumerable.Range(0, _members.Length).OrderByDescending(index => _assigned[index].Count))
        {
            if (FindReceiver(source, subscribers) is { } path)
            {
                for (var (giver, at) = (source, 0); at < path.Count; giver = path[at++])
                {
                    Pass(giver, path[at]);
                }

                return true;
            }
        }

        return false;
    }

    /// <summary>The shortest chain of members along which a partition each can be passed on to one that has two fewer; null if there is none.</summary>
    private List<int>? FindReceiver(int source, Dictionary<string, int[]> subscribers)
    {
        var wanted = _assigned[source].Count - 2;
        var from = new Dictionary<int, int> { [source] = -1 };
        var next = new Queue<int>([source]);
        while (next.TryDequeue(out var giver))
        {
            foreach (var taker in _assigned[giver].Select(partition => partition.Topic).Distinct(StringComparer.Ordinal).SelectMany(topic => subscribers[topic]))
            {
                if (!from.TryAdd(taker, giver))
                {
                    continue;
                }

                if (_assigned[taker].Count <= wanted)
                {
                    var path = new List<int>();
                    for (var member = taker; member != source; member = from[member])
                    {
                        path.Insert(0, member);
                    }

                    return path;
                }

                next.Enqueue(taker);
            }
        }

        return null;
    }

    /// <summary>Gives away what the giver has not had before, if there is such a one, and best to whom it belonged.</summary>
    private void Pass(int giver, int taker)
    {
        var partition = _assigned[giver].Where(candidate => _topicsOf[taker].Contains(candidate.Topic))
            .OrderBy(candidate => !_prior.TryGetValue(candidate, out var owner) ? 1 : owner == taker ? 0 : owner == giver ? 2 : 1)
            .ThenByDescending(candidate => candidate)
            .First();
        _assigned[giver].Remove(partition);
        _assigned[taker].Add(partition);
    }
}
