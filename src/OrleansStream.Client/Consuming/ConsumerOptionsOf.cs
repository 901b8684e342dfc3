namespace OrleansStream.Client;

/// <summary>How a consumer of typed records works.</summary>
/// <typeparam name="TKey">The keys' type.</typeparam>
/// <typeparam name="TValue">The values' type.</typeparam>
public class ConsumerOptions<TKey, TValue> : ConsumerOptions
{
    /// <summary>Reads keys. Default: see <see cref="Serializers.ForReading{T}"/>.</summary>
    public IDeserializer<TKey>? KeyDeserializer { get; set; }

    /// <summary>Reads values. Default: see <see cref="Serializers.ForReading{T}"/>.</summary>
    public IDeserializer<TValue>? ValueDeserializer { get; set; }

    /// <summary>Called for every record, in this order.</summary>
    public IList<IConsumerInterceptor<TKey, TValue>> Interceptors { get; } = [];
}
