using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>Partitions of one topic.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Partitions">The partitions' numbers.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.TopicPartitions")]
public sealed record TopicPartitions([property: Id(0)] string Topic, [property: Id(1)] int[] Partitions)
{
    /// <summary>Partitions by their topics, in order.</summary>
    public static TopicPartitions[] Group(IEnumerable<TopicPartition> partitions)
        => [.. partitions.Order().GroupBy(partition => partition.Topic, StringComparer.Ordinal)
            .Select(topic => new TopicPartitions(topic.Key, [.. topic.Select(partition => partition.Partition)]))];

    /// <summary>The partitions of all topics, in order.</summary>
    public static IEnumerable<TopicPartition> Flatten(IEnumerable<TopicPartitions> topics)
        => topics.SelectMany(topic => topic.Partitions.Select(partition => new TopicPartition(topic.Topic, partition)));
}
