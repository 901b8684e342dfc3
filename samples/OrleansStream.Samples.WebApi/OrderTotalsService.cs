using OrleansStream.Client;

namespace OrleansStream.Samples.WebApi;

/// <summary>Reads every order from the beginning and goes on with new ones as they come.</summary>
internal sealed partial class OrderTotalsService(
    IConsumer<string, OrderPlaced> consumer,
    IAdminClient admin,
    OrderTotals totals,
    ILogger<OrderTotalsService> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await AssignAsync(stoppingToken);
        while (true)
        {
            try
            {
                await foreach (var record in consumer.ConsumeAsync(cancellationToken: stoppingToken))
                {
                    if (record.Value is { } order)
                    {
                        totals.Add(order);
                    }
                }
            }
            catch (RecordSerializationException exception)
            {
                // Not an order: say so, and go on behind it.
                Skipping(logger, exception.Message);
                consumer.Seek(exception.TopicPartition, OffsetSpec.At(exception.Offset + 1));
            }
        }
    }

    /// <summary>Makes sure that there is a topic, however long it takes until there is a broker, and reads all of its partitions.</summary>
    private async Task AssignAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                await admin.EnsureTopicAsync(new TopicSpecification(Topics.Orders, PartitionCount: 4), stoppingToken);
                await consumer.AssignTopicAsync(Topics.Orders, OffsetSpec.Earliest, stoppingToken);
                return;
            }
            catch (OrleansStreamException exception) when (exception.IsRetriable)
            {
                Waiting(logger, exception.Message);
                await Task.Delay(TimeSpan.FromSeconds(1), stoppingToken);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Waiting for a broker: {Message}")]
    private static partial void Waiting(ILogger logger, string message);

    [LoggerMessage(2, LogLevel.Warning, "Skipping a record: {Message}")]
    private static partial void Skipping(ILogger logger, string message);
}
