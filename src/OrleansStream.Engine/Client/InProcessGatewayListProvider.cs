using Orleans.Messaging;
using OrleansStream.Engine.Membership;

namespace OrleansStream.Engine.Client;

/// <summary>The gateways of a membership table in this process.</summary>
internal sealed class InProcessGatewayListProvider(InMemoryMembershipTable table) : IGatewayListProvider
{
    public bool IsUpdatable => true;

    public TimeSpan MaxStaleness { get; } = TimeSpan.FromMilliseconds(100);

    public Task<IList<Uri>> GetGateways()
        => Task.FromResult<IList<Uri>>([.. table.View.Active.Select(member => member.Gateway).OfType<System.Net.IPEndPoint>().Select(GatewayUri.From)]);

    public Task InitializeGatewayListProvider() => Task.CompletedTask;
}
