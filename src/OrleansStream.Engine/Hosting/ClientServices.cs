using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Configuration;
using Orleans.Messaging;
using Orleans.Runtime;
using OrleansStream.Engine.Client;
using OrleansStream.Engine.CodeGeneration;
using OrleansStream.Engine.Membership;
using OrleansStream.Engine.Messaging;
using OrleansStream.Engine.Networking;

namespace OrleansStream.Engine.Hosting;

/// <summary>The services of a client.</summary>
internal static class ClientServices
{
    /// <summary>Adds the client's services, once.</summary>
    public static void Add(IServiceCollection services)
    {
        if (services.Any(service => service.ServiceType == typeof(ClusterClient)))
        {
            return;
        }

        services.AddLogging();
        services.AddOptions();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<ClientManifest>();
        services.TryAddSingleton<IClientConnectionRetryFilter, LinearBackoffConnectionRetryFilter>();
        services.AddSingleton(CreateGateways);
        services.AddSingleton<ClientCallRuntime>();
        services.AddSingleton<ClusterClient>();
        services.AddSingleton<IClusterClient>(provider => provider.GetRequiredService<ClusterClient>());
        services.AddSingleton<IGrainFactory>(provider => provider.GetRequiredService<ClusterClient>());
        services.AddHostedService(provider => provider.GetRequiredService<ClusterClient>());
    }

    /// <summary>Connects to the silos of this process.</summary>
    public static void UseMembership(IServiceCollection services, InMemoryMembershipTable table)
        => services.AddSingleton<IGatewayListProvider>(new InProcessGatewayListProvider(table));

    private static GatewayPool CreateGateways(IServiceProvider provider)
    {
        GeneratedManifest.LoadParts();
        var connectionOptions = provider.GetRequiredService<IOptions<ConnectionOptions>>().Value;
        var list = provider.GetService<IGatewayListProvider>()
            ?? throw new OrleansConfigurationException("The client has no clustering: call UseLocalhostClustering or UseStaticClustering.");
        return new GatewayPool(
            list,
            new PeerIdentity(
                provider.GetRequiredService<IOptions<ClusterOptions>>().Value.ClusterId,
                string.Create(CultureInfo.InvariantCulture, $"Client_{Environment.MachineName}_{Environment.ProcessId}"),
                null),
            new FrameConnectionOptions(
                provider.GetRequiredService<IOptions<ClientMessagingOptions>>().Value.MaxMessageBodySize,
                provider.GetRequiredService<IOptions<ConnectionLimits>>().Value.MaxUnsentBytes)
            { ConnectTimeout = connectionOptions.OpenConnectionTimeout },
            connectionOptions,
            provider.GetRequiredService<ClientManifest>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<GatewayPool>>());
    }
}
