using OrleansStream.Client;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds producers, consumers and health checks of a client to the services.</summary>
public interface IOrleansStreamClientBuilder
{
    /// <summary>The services.</summary>
    IServiceCollection Services { get; }

    /// <summary>Adds a singleton <see cref="IProducer{TKey, TValue}"/>.</summary>
    IOrleansStreamClientBuilder AddProducer<TKey, TValue>(Action<ProducerOptions<TKey, TValue>>? configure = null);

    /// <summary>
    /// Adds a transient <see cref="IConsumer{TKey, TValue}"/>: each one who asks gets a consumer of its own, which ends with
    /// the scope that it was asked from.
    /// </summary>
    IOrleansStreamClientBuilder AddConsumer<TKey, TValue>(Action<ConsumerOptions<TKey, TValue>>? configure = null);

    /// <summary>
    /// Adds a hosted service that consumes a group's share of topics by a handler, for as long as the host runs. The handler is
    /// made in a scope of its own; it may be registered with the services, and gets what its constructor asks for. After a
    /// failure the service logs it, waits, and goes on from what was committed. Start the application twice and both share.
    /// </summary>
    /// <param name="configure">Sets at least <see cref="ConsumerOptions.GroupId"/> and the topics.</param>
    IOrleansStreamClientBuilder AddGroupHandler<THandler, TKey, TValue>(Action<GroupHandlerOptions<TKey, TValue>> configure)
        where THandler : class, IConsumerGroupHandler<TKey, TValue>;

    /// <summary>Adds a health check that asks a broker for the cluster's metadata.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="tags">Its tags, such as "ready"; null for none.</param>
    IOrleansStreamClientBuilder AddHealthCheck(string name = "orleansstream", IEnumerable<string>? tags = null);
}
