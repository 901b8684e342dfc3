namespace OrleansStream.Client;

/// <summary>A topic of a producer. Reading is lock-free; new metadata replace the arrays.</summary>
internal sealed class ProducerTopic
{
    private readonly ProducerCore _core;
    private readonly Lock _gate = new();
    private ProducerPartition[] _partitions = [];
    private int[] _available = [];

    public ProducerTopic(ProducerCore core, TopicEntry entry)
    {
        _core = core;
        Name = entry.Topic.Name;
        Update(entry);
    }

    public string Name { get; }

    public ProducerPartition[] Partitions => Volatile.Read(ref _partitions);

    /// <summary>The partitions that have a leader.</summary>
    public int[] Available => Volatile.Read(ref _available);

    /// <summary>Takes new metadata. Partitions are only ever added; one that is gone fails its records by itself.</summary>
    public void Update(TopicEntry entry)
    {
        lock (_gate)
        {
            var partitions = _partitions;
            if (entry.PartitionCount > partitions.Length)
            {
                var known = partitions.Length;
                Array.Resize(ref partitions, entry.PartitionCount);
                for (var i = known; i < partitions.Length; i++)
                {
                    partitions[i] = new ProducerPartition(_core, new TopicPartition(Name, i));
                }

                Volatile.Write(ref _partitions, partitions);
            }

            Volatile.Write(
                ref _available,
                [.. entry.Topic.Partitions.Where(partition => partition.Leader >= 0).Select(partition => partition.Partition)]);
            for (var i = 0; i < entry.PartitionCount; i++)
            {
                partitions[i].Update(entry.Topic.Partitions[i]);
            }
        }
    }
}
