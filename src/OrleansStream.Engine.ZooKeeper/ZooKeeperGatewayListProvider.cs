using Orleans.Configuration;
using Orleans.Messaging;
using OrleansStream.Engine.Client;

namespace OrleansStream.Engine.ZooKeeper;

/// <summary>The gateways of the active silos in the membership table.</summary>
internal sealed class ZooKeeperGatewayListProvider(ZooKeeperMembershipTable table, GatewayOptions options) : IGatewayListProvider, IAsyncDisposable
{
    public bool IsUpdatable => true;

    public TimeSpan MaxStaleness => options.GatewayListRefreshPeriod;

    public async Task<IList<Uri>> GetGateways()
    {
        var view = await table.ReadAsync(CancellationToken.None).ConfigureAwait(false);
        return [.. view.Active.Select(member => member.Gateway).OfType<System.Net.IPEndPoint>().Select(GatewayUri.From)];
    }

    public Task InitializeGatewayListProvider() => Task.CompletedTask;

    public ValueTask DisposeAsync() => table.DisposeAsync();
}
