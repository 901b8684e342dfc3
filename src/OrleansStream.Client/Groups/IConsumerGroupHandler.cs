namespace OrleansStream.Client;

/// <summary>
/// Processes the partitions that a consumer gets from its group, each in a task of its own. See
/// <see cref="IConsumer{TKey, TValue}.ConsumeClaimsAsync"/>.
/// </summary>
/// <typeparam name="TKey">The keys' type.</typeparam>
/// <typeparam name="TValue">The values' type.</typeparam>
public interface IConsumerGroupHandler<TKey, TValue>
{
    /// <summary>Partitions have come: called before they are consumed.</summary>
    ValueTask SetupAsync(IConsumerGroupSession session, CancellationToken cancellationToken) => default;

    /// <summary>
    /// Consumes one claim, in parallel with the others, until its enumeration ends; that is when the partition goes. The group
    /// waits for it, at most <see cref="ConsumerOptions.MaxPollInterval"/>. An exception ends all claims and is thrown by
    /// <see cref="IConsumer{TKey, TValue}.ConsumeClaimsAsync"/>. A claim whose handler returns early rests until it goes.
    /// </summary>
    /// <param name="session">The membership that the claim belongs to.</param>
    /// <param name="claim">The partition.</param>
    /// <param name="cancellationToken">Cancelled when the claim ends; a cancellation of the handler by it is a normal end.</param>
    Task ConsumeClaimAsync(IConsumerGroupSession session, IConsumerClaim<TKey, TValue> claim, CancellationToken cancellationToken);

    /// <summary>
    /// Partitions go: called when nothing of them is processed any more, before auto commit stores how far they have come.
    /// </summary>
    ValueTask CleanupAsync(IConsumerGroupSession session, CancellationToken cancellationToken) => default;
}
