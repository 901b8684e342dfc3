using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Configuration;
using Orleans.Runtime;
using OrleansStream.Engine.Activations;
using OrleansStream.Engine.Calls;
using OrleansStream.Engine.Membership;
using OrleansStream.Engine.Messaging;
using OrleansStream.Engine.Networking;
using OrleansStream.Engine.Placement;

namespace OrleansStream.Engine.Hosting;

/// <summary>The services of a silo.</summary>
internal static class SiloServices
{
    /// <summary>Adds the silo's services, once.</summary>
    public static void Add(IServiceCollection services)
    {
        if (services.Any(service => service.ServiceType == typeof(Silo)))
        {
            return;
        }

        services.AddLogging();
        services.AddOptions();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(CreateEndpoints);
        services.AddSingleton<ILocalSiloDetails>(provider => provider.GetRequiredService<SiloEndpoints>());
        services.AddSingleton(CreateConnections);
        services.TryAddSingleton<IMembershipTable>(_ => new InMemoryMembershipTable());
        services.AddSingleton(CreateMembership);
        services.AddSingleton<IClusterMembershipService>(provider => provider.GetRequiredService<MembershipAgent>());
        services.AddSingleton<ISystemRequestHandler, MembershipRequests>();
        services.AddSingleton<GrainClassMap>();
        services.AddSingleton<Catalog>();
        services.AddSingleton<PlacementService>();
        services.AddSingleton(provider => IdentityOf(provider.GetRequiredService<SiloEndpoints>()));
        services.AddSingleton<SiloCallRuntime>();
        services.AddSingleton<SiloGrainFactory>();
        services.AddSingleton<IGrainFactory>(provider => provider.GetRequiredService<SiloGrainFactory>());
        services.AddSingleton<IClusterClient>(provider => provider.GetRequiredService<SiloGrainFactory>());
        services.AddSingleton<SiloLifecycle>();
        services.AddSingleton<Silo>();
        services.AddHostedService(provider => provider.GetRequiredService<Silo>());
    }

    /// <summary>Shares a membership table with the other silos of this process.</summary>
    public static void UseMembership(IServiceCollection services, InMemoryMembershipTable table) => services.AddSingleton<IMembershipTable>(table);

    /// <summary>Has the silo listen on these ports, or on free ones where they are 0.</summary>
    public static void ListenOn(IServiceCollection services, int siloPort, int gatewayPort) => services.AddSingleton(new DynamicPorts(siloPort, gatewayPort));

    /// <summary>Ends a silo at once.</summary>
    public static void Abort(IServiceProvider services) => services.GetRequiredService<Silo>().Abort();

    private static PeerIdentity IdentityOf(ILocalSiloDetails details) => new(details.ClusterId, details.Name, details.SiloAddress);

    private static FrameConnectionOptions FrameOptions(IServiceProvider provider)
        => new(provider.GetRequiredService<IOptions<SiloMessagingOptions>>().Value.MaxMessageBodySize, provider.GetRequiredService<IOptions<ConnectionLimits>>().Value.MaxUnsentBytes)
        {
            ConnectTimeout = provider.GetRequiredService<IOptions<ConnectionOptions>>().Value.OpenConnectionTimeout,
        };

    private static SiloEndpoints CreateEndpoints(IServiceProvider provider)
        => new(
            provider.GetRequiredService<IOptions<EndpointOptions>>(),
            provider.GetRequiredService<IOptions<SiloOptions>>(),
            provider.GetRequiredService<IOptions<ClusterOptions>>(),
            FrameOptions(provider),
            provider.GetService<DynamicPorts>(),
            provider.GetRequiredService<ILogger<SiloEndpoints>>());

    private static SiloConnections CreateConnections(IServiceProvider provider)
        => new(
            provider.GetRequiredService<PeerIdentity>(),
            FrameOptions(provider),
            provider.GetRequiredService<IOptions<ConnectionOptions>>().Value,
            provider.GetRequiredService<TimeProvider>());

    private static MembershipAgent CreateMembership(IServiceProvider provider)
    {
        var details = provider.GetRequiredService<ILocalSiloDetails>();
        var gateway = details.GatewayAddress.Endpoint.Port > 0 ? details.GatewayAddress.Endpoint : null;
        return new MembershipAgent(
            new MemberRecord(details.SiloAddress, details.Name, SiloStatus.Created, gateway, []),
            provider.GetRequiredService<IMembershipTable>(),
            provider.GetRequiredService<SiloConnections>(),
            provider.GetRequiredService<IOptions<ClusterMembershipOptions>>().Value,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<MembershipAgent>>());
    }
}
