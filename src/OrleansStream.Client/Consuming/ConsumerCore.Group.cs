namespace OrleansStream.Client;

/// <content>What the core and the membership in a group know of each other.</content>
internal sealed partial class ConsumerCore
{
    private ConsumerPartition? _heldPartition;
    private int _handOuts;

    /// <summary>The group that offsets are stored for and partitions may come from; null without one.</summary>
    public GroupMember? Group { get; }

    /// <summary>Whether the reader has to call <see cref="GroupMember.AttendAsync"/> before it takes something.</summary>
    public bool NeedsAttention => Group is { NeedsAttention: true };

    /// <summary>Whether the group has yet to say which partitions the consumer gets.</summary>
    public bool IsJoining => Group is { IsJoining: true };

    /// <summary>Changes with every record or batch that is handed out.</summary>
    public int HandOuts => Volatile.Read(ref _handOuts);

    /// <summary>
    /// Notes that something of a partition is being handed out, and where it begins: until the next read nothing from there on
    /// counts as processed.
    /// </summary>
    public void HandOut(ConsumerPartition partition, long offset)
    {
        if (Group is not null)
        {
            _handOuts++;
            partition.HeldOffset = offset;
            Volatile.Write(ref _heldPartition, partition);
        }
    }

    /// <summary>What was handed out last has been processed.</summary>
    public void Confirm() => Volatile.Write(ref _heldPartition, null);

    /// <summary>Lets a waiting reader look again.</summary>
    public void Wake()
    {
        lock (_gate)
        {
            SignalReader();
        }
    }

    /// <summary>How far each partition has been processed, as far as it is known; of all that are assigned unless some are given.</summary>
    public Dictionary<TopicPartition, CommittedOffset> GetProcessed(IEnumerable<TopicPartition>? of = null)
    {
        var processed = new Dictionary<TopicPartition, CommittedOffset>();
        lock (_gate)
        {
            foreach (var topicPartition in of ?? _partitions.Keys)
            {
                if (_partitions.TryGetValue(topicPartition, out var partition) && partition.HasPosition)
                {
                    // The position first: whoever hands out notes it last.
                    var position = partition.Position;
                    var epoch = partition.ConsumedEpoch;
                    if (ReferenceEquals(Volatile.Read(ref _heldPartition), partition))
                    {
                        position = Math.Min(position, partition.HeldOffset);
                    }

                    processed.Add(topicPartition, new CommittedOffset(position, epoch));
                }
            }
        }

        return processed;
    }

    /// <summary>How far each partition has been handed out.</summary>
    public Dictionary<TopicPartition, CommittedOffset> GetPositions()
    {
        lock (_gate)
        {
            return _partitions.Values.Where(partition => partition.HasPosition)
                .ToDictionary(partition => partition.TopicPartition, partition => new CommittedOffset(partition.Position, partition.ConsumedEpoch));
        }
    }

    /// <summary>Which partitions are paused.</summary>
    public HashSet<TopicPartition> GetPaused()
    {
        lock (_gate)
        {
            return [.. _partitions.Values.Where(partition => partition.IsPausedByApplication).Select(partition => partition.TopicPartition)];
        }
    }

    /// <summary>Stops or goes on handing out a partition to its claim; nothing happens if it is not assigned.</summary>
    public void SetBlocked(TopicPartition topicPartition, bool isBlocked)
    {
        lock (_gate)
        {
            if (!_partitions.TryGetValue(topicPartition, out var partition) || partition.IsBlocked == isBlocked)
            {
                return;
            }

            partition.IsBlocked = isBlocked;
            Queue(partition);
        }

        Pump();
    }

    /// <summary>Moves a partition if it is still assigned.</summary>
    public void SeekIfAssigned(TopicPartition topicPartition, OffsetSpec offset)
    {
        lock (_gate)
        {
            if (!_partitions.TryGetValue(topicPartition, out var partition))
            {
                return;
            }

            MoveTo(partition, offset);
            Changed();
        }

        Pump();
    }

    /// <summary>The ends of a partition's log as of the last fetch; null if it is not assigned or not known.</summary>
    public Watermarks? GetWatermarks(TopicPartition topicPartition)
    {
        lock (_gate)
        {
            return _partitions.GetValueOrDefault(topicPartition)?.Watermarks;
        }
    }
}
