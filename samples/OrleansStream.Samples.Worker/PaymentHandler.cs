using OrleansStream.Client;

namespace OrleansStream.Samples.Worker;

/// <summary>Books payments: each partition in order, all partitions of this process in parallel.</summary>
internal sealed partial class PaymentHandler(ILogger<PaymentHandler> logger) : IConsumerGroupHandler<string, string>
{
    public ValueTask SetupAsync(IConsumerGroupSession session, CancellationToken cancellationToken)
    {
        Owning(logger, session.Metadata.GenerationId, string.Join(", ", session.Claims.Order()));
        return default;
    }

    public async Task ConsumeClaimAsync(
        IConsumerGroupSession session,
        IConsumerClaim<string, string> claim,
        CancellationToken cancellationToken)
    {
        // It ends when the partition goes to another process. A payment counts as booked when the loop goes on to the next
        // one; what is committed then is where any process goes on, so that none is lost.
        await foreach (var payment in claim.ConsumeAsync(cancellationToken))
        {
            await BookAsync(payment.Key, payment.Value, cancellationToken);
            Booked(logger, payment.Key, payment.Value, claim.TopicPartition, payment.Offset);
        }
    }

    public ValueTask CleanupAsync(IConsumerGroupSession session, CancellationToken cancellationToken)
    {
        GivingBack(logger, session.Metadata.GenerationId);
        return default;
    }

    /// <summary>The work: a database, another service. It may come twice for one payment, after a crash for instance.</summary>
    private static Task BookAsync(string? account, string? amount, CancellationToken cancellationToken)
        => Task.Delay(TimeSpan.FromMilliseconds(20), cancellationToken);

    [LoggerMessage(1, LogLevel.Information, "Generation {Generation}: owning {Claims}")]
    private static partial void Owning(ILogger logger, int generation, string claims);

    [LoggerMessage(2, LogLevel.Information, "Booked {Account} {Amount} ({Partition} at {Offset})")]
    private static partial void Booked(ILogger logger, string? account, string? amount, TopicPartition partition, long offset);

    [LoggerMessage(3, LogLevel.Information, "Generation {Generation}: partitions are given back")]
    private static partial void GivingBack(ILogger logger, int generation);
}
