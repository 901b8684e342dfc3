using OrleansStream.Abstractions;

namespace OrleansStream.Client;

/// <summary>A topic as the client knows it. Immutable.</summary>
/// <param name="Topic">The metadata; its partitions lie at the place of their number.</param>
/// <param name="FetchedAt">When it was asked for, as a timestamp of the time provider.</param>
/// <param name="Version">Grows with every refresh, so that a caller can say which picture it found to be old.</param>
internal sealed record TopicEntry(TopicMetadata Topic, long FetchedAt, long Version)
{
    public int PartitionCount => Topic.Partitions.Length;

    /// <summary>The partition, null if the topic does not have it.</summary>
    public PartitionMetadata? Partition(int partition)
        => (uint)partition < (uint)Topic.Partitions.Length ? Topic.Partitions[partition] : null;

    /// <summary>
    /// The same topic with the newer of both pictures of each partition: an answer from a broker that lags behind must not
    /// bring back an old leader (KIP-320).
    /// </summary>
    public static TopicMetadata Newest(TopicMetadata? known, TopicMetadata answer)
    {
        var partitions = answer.Partitions.OrderBy(partition => partition.Partition).ToArray();
        if (known is not null && known.TopicId == answer.TopicId)
        {
            for (var i = 0; i < Math.Min(partitions.Length, known.Partitions.Length); i++)
            {
                if (known.Partitions[i].LeaderEpoch > partitions[i].LeaderEpoch && partitions[i].LeaderEpoch >= 0)
                {
                    partitions[i] = known.Partitions[i];
                }
            }
        }

        return answer with { Partitions = partitions };
    }
}
