using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OrleansStream.Core.Configuration;
using OrleansStream.Gateway;
using OrleansStream.Grains.Hosting;

namespace OrleansStream.SiloHost;

/// <summary>Adds the Kafka listener, with the bounds that the broker's configuration gives it.</summary>
internal static class KafkaListenerSetup
{
    /// <summary>Adds the listener after the silo, so that it stops first; nothing is added when it is turned off.</summary>
    public static void AddKafkaListener(this HostApplicationBuilder builder, HostSettings settings, Endpoints endpoints)
    {
        // A bad configuration is refused, with its message, when the broker starts.
        if (endpoints.KafkaPort == 0 || BrokerConfig.Create(settings.Configs) is not { IsSuccess: true, Value: var config })
        {
            return;
        }

        builder.Services.AddKafkaGateway(options =>
        {
            options.BrokerId = settings.BrokerId;
            options.EndPoint = new IPEndPoint(endpoints.Address, endpoints.KafkaPort);
            options.SocketRequestMaxBytes = config.Get(BrokerConfigKeys.SocketRequestMaxBytes);
            options.MaxConnections = config.Get(BrokerConfigKeys.MaxConnections);
            options.MaxConnectionsPerIp = config.Get(BrokerConfigKeys.MaxConnectionsPerIp);
            options.ConnectionsMaxIdleMs = config.Get(BrokerConfigKeys.ConnectionsMaxIdleMs);
            options.QueuedMaxRequestBytes = config.Get(BrokerConfigKeys.QueuedMaxRequestBytes);
            options.MaxFetchSessions = config.Get(BrokerConfigKeys.MaxIncrementalFetchSessionCacheSlots);
            options.QuotaWindowNum = config.Get(BrokerConfigKeys.QuotaWindowNum);
            options.QuotaWindowSizeSeconds = config.Get(BrokerConfigKeys.QuotaWindowSizeSeconds);
            options.WhenServing = services => services.GetRequiredService<IBroker>().WhenServing;
        });
    }
}
