using OrleansStream.Abstractions;
using OrleansStream.Core.Configuration;
using OrleansStream.Storage.Compaction;

namespace OrleansStream.Grains.Partitions;

/// <summary>A partition whose replica this silo hosts, as the broker's services see it. Callable from any thread.</summary>
internal interface IHostedPartition
{
    /// <summary>The partition.</summary>
    TopicPartition TopicPartition { get; }

    /// <summary>A reference to the partition's grain; calls to it run in the grain's turns.</summary>
    IPartitionGrain Reference { get; }

    /// <summary>What the cleaner sees of the partition; null while there is nothing to compact.</summary>
    ICompactionTarget? Compaction { get; }

    /// <summary>The leader epoch in which this broker leads the partition; -1 when it does not.</summary>
    int LeadingEpoch { get; }

    /// <summary>Applies a topic's new configuration, in a turn of the grain.</summary>
    Task ApplyConfigAsync(TopicConfig config);

    /// <summary>
    /// Takes no more appends, answers those under way, and closes the log with its clean mark, in turns of the grain.
    /// </summary>
    Task ShutDownAsync(CancellationToken cancellationToken);
}
