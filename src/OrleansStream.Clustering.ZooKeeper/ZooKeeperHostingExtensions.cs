using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Messaging;
using OrleansStream.Clustering.ZooKeeper;

namespace Orleans.Hosting;

/// <summary>Clusters whose membership table is in ZooKeeper.</summary>
/// <remarks>Stands in for the package <c>Microsoft.Orleans.Clustering.ZooKeeper</c> where a feed lacks it.</remarks>
public static class ZooKeeperHostingExtensions
{
    /// <summary>Has the silo write itself down in ZooKeeper.</summary>
    public static ISiloBuilder UseZooKeeperClustering(this ISiloBuilder builder, Action<ZooKeeperClusteringSiloOptions> configureOptions)
        => builder.UseZooKeeperClustering((OptionsBuilder<ZooKeeperClusteringSiloOptions> options) => options.Configure(configureOptions));

    /// <summary>Has the silo write itself down in ZooKeeper.</summary>
    public static ISiloBuilder UseZooKeeperClustering(this ISiloBuilder builder, Action<OptionsBuilder<ZooKeeperClusteringSiloOptions>> configureOptions)
    {
        configureOptions(builder.Services.AddOptions<ZooKeeperClusteringSiloOptions>());
        AddTable(builder.Services, services => services.GetRequiredService<IOptions<ZooKeeperClusteringSiloOptions>>().Value.ConnectionString);
        return builder;
    }

    /// <summary>Has the client find the gateways in ZooKeeper.</summary>
    public static IClientBuilder UseZooKeeperClustering(this IClientBuilder builder, Action<ZooKeeperGatewayListProviderOptions> configureOptions)
        => builder.UseZooKeeperClustering((OptionsBuilder<ZooKeeperGatewayListProviderOptions> options) => options.Configure(configureOptions));

    /// <summary>Has the client find the gateways in ZooKeeper.</summary>
    public static IClientBuilder UseZooKeeperClustering(this IClientBuilder builder, Action<OptionsBuilder<ZooKeeperGatewayListProviderOptions>> configureOptions)
    {
        configureOptions(builder.Services.AddOptions<ZooKeeperGatewayListProviderOptions>());
        AddTable(builder.Services, services => services.GetRequiredService<IOptions<ZooKeeperGatewayListProviderOptions>>().Value.ConnectionString);
        builder.Services.AddSingleton<IGatewayListProvider, ZooKeeperGatewayListProvider>();
        return builder;
    }

    private static void AddTable(IServiceCollection services, Func<IServiceProvider, string> connectionString)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(provider => new TableSession(
            connectionString(provider), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<TableSession>>()));
        services.AddSingleton<IMembershipTable>(provider => new ZooKeeperMembershipTable(
            connectionString(provider), provider.GetRequiredService<IOptions<ClusterOptions>>().Value.ClusterId, provider.GetRequiredService<TableSession>()));
    }
}
