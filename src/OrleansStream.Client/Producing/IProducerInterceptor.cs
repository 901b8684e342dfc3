namespace OrleansStream.Client;

/// <summary>
/// Sees every record that a producer sends and its outcome (KIP-42). Called on the sending thread and on threads of the
/// pool; must be safe for concurrent calls. An exception from it is logged and the record goes on unchanged.
/// </summary>
/// <typeparam name="TKey">The keys' type.</typeparam>
/// <typeparam name="TValue">The values' type.</typeparam>
public interface IProducerInterceptor<TKey, TValue>
{
    /// <summary>Called before serialization; returns the record to send, which may be the given one.</summary>
    Message<TKey, TValue> OnSend(string topic, Message<TKey, TValue> message);

    /// <summary>Called when the record was delivered or has failed.</summary>
    void OnDelivered(in DeliveryReport report);
}
