namespace OrleansStream.Client;

/// <summary>
/// A connection to a cluster, from which producers, consumers and the admin client are made. Safe for concurrent use;
/// one per process and cluster is enough. Disposing it disposes what was made from it.
/// </summary>
public interface IOrleansStreamClient : IAsyncDisposable
{
    /// <summary>Administration.</summary>
    IAdminClient Admin { get; }

    /// <summary>Makes a producer, which the caller disposes.</summary>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">An option breaks its rule.</exception>
    IProducer<TKey, TValue> CreateProducer<TKey, TValue>(Action<ProducerOptions<TKey, TValue>>? configure = null);

    /// <summary>Makes a consumer, which the caller disposes.</summary>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">An option breaks its rule.</exception>
    IConsumer<TKey, TValue> CreateConsumer<TKey, TValue>(Action<ConsumerOptions<TKey, TValue>>? configure = null);

    /// <summary>Completes when a broker has answered.</summary>
    /// <exception cref="BrokerUnavailableException">None answered within <see cref="OrleansStreamClientOptions.ConnectTimeout"/>.</exception>
    ValueTask ConnectAsync(CancellationToken cancellationToken = default);
}
