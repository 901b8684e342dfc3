using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Messaging;
using OrleansStream.Engine.Membership;
using OrleansStream.Engine.ZooKeeper;

namespace Orleans.Hosting;

/// <summary>Clusters whose membership table is in ZooKeeper.</summary>
public static class ZooKeeperHostingExtensions
{
    /// <summary>Has the silo write itself down in ZooKeeper.</summary>
    public static ISiloBuilder UseZooKeeperClustering(this ISiloBuilder builder, Action<ZooKeeperClusteringSiloOptions> configureOptions)
    {
        builder.Services.Configure(configureOptions);
        return AddTable(builder);
    }

    /// <summary>Has the silo write itself down in ZooKeeper.</summary>
    public static ISiloBuilder UseZooKeeperClustering(this ISiloBuilder builder, Action<OptionsBuilder<ZooKeeperClusteringSiloOptions>> configureOptions)
    {
        configureOptions(builder.Services.AddOptions<ZooKeeperClusteringSiloOptions>());
        return AddTable(builder);
    }

    /// <summary>Has the client find the gateways in ZooKeeper.</summary>
    public static IClientBuilder UseZooKeeperClustering(this IClientBuilder builder, Action<ZooKeeperGatewayListProviderOptions> configureOptions)
    {
        builder.Services.Configure(configureOptions);
        return AddGatewayList(builder);
    }

    /// <summary>Has the client find the gateways in ZooKeeper.</summary>
    public static IClientBuilder UseZooKeeperClustering(this IClientBuilder builder, Action<OptionsBuilder<ZooKeeperGatewayListProviderOptions>> configureOptions)
    {
        configureOptions(builder.Services.AddOptions<ZooKeeperGatewayListProviderOptions>());
        return AddGatewayList(builder);
    }

    private static ISiloBuilder AddTable(ISiloBuilder builder)
    {
        builder.Services.AddSingleton<IMembershipTable>(provider => new ZooKeeperMembershipTable(
            provider.GetRequiredService<IOptions<ZooKeeperClusteringSiloOptions>>().Value.ConnectionString,
            provider.GetRequiredService<IOptions<ClusterOptions>>().Value.ClusterId,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<ZooKeeperMembershipTable>>()));
        return builder;
    }

    private static IClientBuilder AddGatewayList(IClientBuilder builder)
    {
        builder.Services.AddSingleton<IGatewayListProvider>(provider => new ZooKeeperGatewayListProvider(
            new ZooKeeperMembershipTable(
                provider.GetRequiredService<IOptions<ZooKeeperGatewayListProviderOptions>>().Value.ConnectionString,
                provider.GetRequiredService<IOptions<ClusterOptions>>().Value.ClusterId,
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<ZooKeeperMembershipTable>>(),
                isReader: true),
            provider.GetRequiredService<IOptions<GatewayOptions>>().Value));
        return builder;
    }
}
