using Orleans;
using Orleans.Concurrency;
using OrleansStream.Abstractions;
using OrleansStream.Grains.Brokers;
using OrleansStream.Grains.Placement;

namespace OrleansStream.Grains.Liveness;

/// <summary>Answers for its broker. A grain of its own, so that no work of the broker's others comes before a sign of life.</summary>
[Reentrant]
[KeepAlive]
[BrokerPlacement]
[GrainType("liveness")]
internal sealed class LivenessGrain(BrokerState broker, BrokerProbe probe) : Grain, ILivenessGrain
{
    public Task<long> PingAsync(CancellationToken cancellationToken) => Task.FromResult(broker.BrokerEpoch);

    public async Task<bool> ReachesAsync(int brokerId, long brokerEpoch, CancellationToken cancellationToken)
        => await probe.PingAsync(brokerId, brokerEpoch, cancellationToken) == PingOutcome.Answered;
}
