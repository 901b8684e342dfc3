namespace OrleansStream.Client;

/// <summary>Whoever processes partitions in parallel, beside the reader.</summary>
internal interface IClaimSet
{
    /// <summary>Partitions have come.</summary>
    ValueTask BeginAsync(IReadOnlyList<TopicPartition> partitions, ConsumerGroupMetadata metadata, CancellationToken cancellationToken);

    /// <summary>Partitions go: completes when nothing is processed of them any more.</summary>
    ValueTask EndAsync(IReadOnlyList<TopicPartition> partitions, bool areLost, CancellationToken cancellationToken);

    /// <summary>Partitions have gone for good; what was known of them is forgotten.</summary>
    void Parted(IReadOnlyList<TopicPartition> partitions);

    /// <summary>Whether something has been processed for longer than <see cref="ConsumerOptions.MaxPollInterval"/>.</summary>
    bool IsStuck { get; }

    /// <summary>How far partitions have been processed; of all unless some are given.</summary>
    Dictionary<TopicPartition, CommittedOffset> GetProcessed(IEnumerable<TopicPartition>? of);
}
