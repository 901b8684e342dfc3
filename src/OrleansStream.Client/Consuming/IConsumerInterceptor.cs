namespace OrleansStream.Client;

/// <summary>Sees every record before the application does (KIP-42). An exception from it is logged and the record goes on unchanged.</summary>
/// <typeparam name="TKey">The keys' type.</typeparam>
/// <typeparam name="TValue">The values' type.</typeparam>
public interface IConsumerInterceptor<TKey, TValue>
{
    /// <summary>Called with each record on the reading thread; returns the record to hand out, which may be the given one.</summary>
    ConsumeResult<TKey, TValue> OnConsume(ConsumeResult<TKey, TValue> record);
}
