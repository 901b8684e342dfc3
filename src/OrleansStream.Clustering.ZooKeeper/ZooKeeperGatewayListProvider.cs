using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Configuration;
using Orleans.Messaging;
using Orleans.Runtime;

namespace OrleansStream.Clustering.ZooKeeper;

/// <summary>The gateways of the active silos in the membership table.</summary>
internal sealed class ZooKeeperGatewayListProvider(IMembershipTable table, IOptions<GatewayOptions> options) : IGatewayListProvider
{
    public bool IsUpdatable => true;

    public TimeSpan MaxStaleness => options.Value.GatewayListRefreshPeriod;

    Task IGatewayListProvider.InitializeGatewayListProvider() => Task.CompletedTask;

    Task<IList<Uri>> IGatewayListProvider.GetGateways() => GetGatewaysAsync(CancellationToken.None);

    public async Task<IList<Uri>> GetGatewaysAsync(CancellationToken cancellationToken)
    {
        var data = await table.ReadAllAsync(cancellationToken).ConfigureAwait(false);
        return [.. data.Members
            .Select(member => member.Item1)
            .Where(entry => entry.Status == SiloStatus.Active && entry.ProxyPort != 0)
            .Select(entry => SiloAddress.New(entry.SiloAddress.Endpoint.Address, entry.ProxyPort, entry.SiloAddress.Generation).ToGatewayUri())];
    }
}
