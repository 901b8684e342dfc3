using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using OrleansStream.Client;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the OrleansStream client to an application.</summary>
public static class OrleansStreamServiceCollectionExtensions
{
    /// <summary>
    /// Adds <see cref="IOrleansStreamClient"/> and <see cref="IAdminClient"/>. With <see cref="OrleansStreamClientOptions.Bootstrap"/>
    /// or <see cref="OrleansStreamClientOptions.ZooKeeper"/> it connects when it is first used, so that the application starts without
    /// a broker too; without, it uses the <see cref="IGrainFactory"/> of this host's silo or Orleans client.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options; they can be bound to configuration as well (<c>Configure&lt;OrleansStreamClientOptions&gt;</c>).</param>
    public static IOrleansStreamClientBuilder AddOrleansStreamClient(
        this IServiceCollection services,
        Action<OrleansStreamClientOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddLogging();
        var options = services.AddOptions<OrleansStreamClientOptions>();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(CreateClient);
        services.TryAddSingleton<IOrleansStreamClient>(provider => provider.GetRequiredService<OrleansStreamClient>());
        services.TryAddSingleton(provider => provider.GetRequiredService<OrleansStreamClient>().Admin);
        return new Builder(services);
    }

    private static OrleansStreamClient CreateClient(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<IOptions<OrleansStreamClientOptions>>().Value;
        var loggerFactory = provider.GetRequiredService<ILoggerFactory>();
        var time = provider.GetRequiredService<TimeProvider>();
        options.Validate();
        IClusterConnection connection = options.Bootstrap.Count > 0 || options.ZooKeeper is not null
            ? new GatewayClusterConnection(options, loggerFactory, time)
            : new HostClusterConnection(provider.GetService<IGrainFactory>() ?? throw new OptionsValidationException(
                nameof(OrleansStreamClientOptions),
                typeof(OrleansStreamClientOptions),
                ["OrleansStreamClient.Bootstrap is empty; name the gateways of the brokers, such as 127.0.0.1:30000, or their ZooKeeper, or add an Orleans client or silo to this host."]));
        return new OrleansStreamClient(connection, options, loggerFactory, time);
    }

    private sealed class Builder(IServiceCollection services) : IOrleansStreamClientBuilder
    {
        public IServiceCollection Services => services;

        public IOrleansStreamClientBuilder AddProducer<TKey, TValue>(Action<ProducerOptions<TKey, TValue>>? configure = null)
        {
            var options = services.AddOptions<ProducerOptions<TKey, TValue>>();
            if (configure is not null)
            {
                options.Configure(configure);
            }

            services.TryAddSingleton(provider => provider.GetRequiredService<OrleansStreamClient>()
                .CreateProducer(provider.GetRequiredService<IOptions<ProducerOptions<TKey, TValue>>>().Value));
            return this;
        }

        public IOrleansStreamClientBuilder AddConsumer<TKey, TValue>(Action<ConsumerOptions<TKey, TValue>>? configure = null)
        {
            var options = services.AddOptions<ConsumerOptions<TKey, TValue>>();
            if (configure is not null)
            {
                options.Configure(configure);
            }

            services.TryAddTransient(provider => provider.GetRequiredService<OrleansStreamClient>()
                .CreateConsumer(provider.GetRequiredService<IOptions<ConsumerOptions<TKey, TValue>>>().Value));
            return this;
        }

        public IOrleansStreamClientBuilder AddGroupHandler<THandler, TKey, TValue>(Action<GroupHandlerOptions<TKey, TValue>> configure)
            where THandler : class, IConsumerGroupHandler<TKey, TValue>
        {
            ArgumentNullException.ThrowIfNull(configure);
            services.AddOptions<GroupHandlerOptions<TKey, TValue>>(GroupHandlerService<THandler, TKey, TValue>.OptionsName).Configure(configure);
            services.AddHostedService<GroupHandlerService<THandler, TKey, TValue>>();
            return this;
        }

        public IOrleansStreamClientBuilder AddHealthCheck(string name = "orleansstream", IEnumerable<string>? tags = null)
        {
            services.AddHealthChecks().AddCheck<ClusterHealthCheck>(name, tags: tags ?? []);
            return this;
        }
    }
}
