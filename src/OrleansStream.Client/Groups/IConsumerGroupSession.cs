namespace OrleansStream.Client;

/// <summary>A consumer's membership as its claims see it. Safe for concurrent use.</summary>
public interface IConsumerGroupSession
{
    /// <summary>Group, generation and member.</summary>
    ConsumerGroupMetadata Metadata { get; }

    /// <summary>The partitions that the consumer owns now.</summary>
    IReadOnlyCollection<TopicPartition> Claims { get; }

    /// <summary>Whether the session has ended without the member's doing, so that nothing can be committed any more.</summary>
    bool IsLost { get; }

    /// <summary>Commits what has been processed of all claims.</summary>
    /// <exception cref="CommitFailedException">It was not stored.</exception>
    ValueTask CommitAsync(CancellationToken cancellationToken = default);
}
