namespace OrleansStream.Client;

/// <summary>How a producer of typed records works.</summary>
/// <typeparam name="TKey">The keys' type.</typeparam>
/// <typeparam name="TValue">The values' type.</typeparam>
public class ProducerOptions<TKey, TValue> : ProducerOptions
{
    /// <summary>Writes keys. Default: see <see cref="Serializers.For{T}"/>.</summary>
    public ISerializer<TKey>? KeySerializer { get; set; }

    /// <summary>Writes values. Default: see <see cref="Serializers.For{T}"/>.</summary>
    public ISerializer<TValue>? ValueSerializer { get; set; }

    /// <summary>
    /// Chooses partitions. Default: <see cref="DefaultPartitioner"/>, by key as Kafka, without key sticky and uniform.
    /// A partitioner with state of its own should not be shared between producers.
    /// </summary>
    public IPartitioner? Partitioner { get; set; }

    /// <summary>Called for every record, in this order.</summary>
    public IList<IProducerInterceptor<TKey, TValue>> Interceptors { get; } = [];
}
