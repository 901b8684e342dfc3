using OrleansStream.Abstractions;

namespace OrleansStream.Grains.Brokers;

/// <content>What the broker's listeners go by.</content>
internal sealed partial class BrokerGrain
{
    public async Task<ListenerSettings> GetListenerSettingsAsync(long knownVersion, CancellationToken cancellationToken)
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _services.Broker.Stopping);
        return await _services.Listeners.GetAsync(knownVersion, ends.Token);
    }
}
