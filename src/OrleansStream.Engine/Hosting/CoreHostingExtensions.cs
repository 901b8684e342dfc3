using System.Diagnostics.CodeAnalysis;
using System.Net;
using Orleans.Configuration;

namespace Orleans.Hosting;

/// <summary>Clusters that need nothing but silos.</summary>
public static class CoreHostingExtensions
{
    /// <summary>A cluster of this silo alone, for programs on this machine.</summary>
    /// <exception cref="NotSupportedException">Another silo is to be the primary: several processes find each other through ZooKeeper.</exception>
    public static ISiloBuilder UseLocalhostClustering(
        this ISiloBuilder builder,
        int siloPort = EndpointOptions.DEFAULT_SILO_PORT,
        int gatewayPort = EndpointOptions.DEFAULT_GATEWAY_PORT,
        IPEndPoint? primarySiloEndpoint = null,
        string serviceId = "dev",
        string clusterId = "dev")
    {
        if (primarySiloEndpoint is { } primary && primary.Port != siloPort)
        {
            throw new NotSupportedException(
                $"The primary silo is to be {primary}, and this one listens at port {siloPort}: silos in several processes need UseZooKeeperClustering.");
        }

        builder.Configure<EndpointOptions>(options =>
        {
            options.AdvertisedIPAddress = IPAddress.Loopback;
            options.SiloPort = siloPort;
            options.GatewayPort = gatewayPort;
        });
        return builder.Configure<ClusterOptions>(options =>
        {
            options.ServiceId = serviceId;
            options.ClusterId = clusterId;
        });
    }

    /// <summary>
    /// Has grains found in a directory that outlives the silos that keep it. Nothing has to be added for it here: where a grain is follows
    /// from the list of silos, and no grain is deactivated because another silo died.
    /// </summary>
    [Experimental("ORLEANSEXP003")]
    public static ISiloBuilder AddDistributedGrainDirectory(this ISiloBuilder siloBuilder, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(siloBuilder);
        return name is null
            ? siloBuilder
            : throw new NotSupportedException($"There is no grain directory '{name}': no grain can ask for one by name.");
    }
}
