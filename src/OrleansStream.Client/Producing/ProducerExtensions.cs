namespace OrleansStream.Client;

/// <summary>Shorter ways to call a producer.</summary>
public static class ProducerExtensions
{
    /// <summary>Sends a record with a key and completes when it is delivered.</summary>
    public static ValueTask<DeliveryResult> ProduceAsync<TKey, TValue>(
        this IProducer<TKey, TValue> producer,
        string topic,
        TKey? key,
        TValue? value,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(producer);
        return producer.ProduceAsync(topic, new Message<TKey, TValue>(key, value), cancellationToken);
    }

    /// <summary>Sends a record with a key and completes when it is buffered.</summary>
    public static ValueTask SendAsync<TKey, TValue>(
        this IProducer<TKey, TValue> producer,
        string topic,
        TKey? key,
        TValue? value,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(producer);
        return producer.SendAsync(topic, new Message<TKey, TValue>(key, value), cancellationToken: cancellationToken);
    }
}
