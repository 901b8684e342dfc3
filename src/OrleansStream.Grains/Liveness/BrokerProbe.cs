using Orleans;
using OrleansStream.Abstractions;
using OrleansStream.Core.Configuration;
using OrleansStream.Core.Controller;
using OrleansStream.Grains.Partitions;

namespace OrleansStream.Grains.Liveness;

/// <summary>What became of a ping.</summary>
internal enum PingOutcome
{
    /// <summary>The broker lives, in the registration that was meant or a later one.</summary>
    Answered,

    /// <summary>No answer came in time.</summary>
    Silent,

    /// <summary>Nobody is there, or another process of that broker id that is not registered.</summary>
    Refused,
}

/// <summary>Finds out whether brokers live: by itself, and by what the others say.</summary>
internal sealed class BrokerProbe(IGrainFactory grains, ITopicConfigs configs, TimeProvider time)
{
    private TimeSpan Interval => TimeSpan.FromMilliseconds(configs.Broker.Get(BrokerConfigKeys.BrokerHeartbeatIntervalMs));

    private long NowMs => (long)time.GetElapsedTime(0).TotalMilliseconds;

    /// <summary>Asks a broker for a sign of life. It has a heartbeat's interval to answer.</summary>
    public async Task<PingOutcome> PingAsync(int brokerId, long brokerEpoch, CancellationToken cancellationToken)
    {
        try
        {
            var epoch = await grains.GetGrain<ILivenessGrain>(brokerId).PingAsync(cancellationToken).WaitAsync(Interval, time, cancellationToken);
            return epoch >= brokerEpoch ? PingOutcome.Answered : PingOutcome.Refused;
        }
        catch (TimeoutException)
        {
            return PingOutcome.Silent;
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever stands between: the broker cannot be reached.
            return PingOutcome.Refused;
        }
    }

    /// <summary>Watches a broker until it is suspected to be dead.</summary>
    public async Task WhenSuspectAsync(int brokerId, long brokerEpoch, CancellationToken cancellationToken)
    {
        var interval = Interval;
        var liveness = new PeerLiveness(configs.Broker.Get(BrokerConfigKeys.BrokerSessionTimeoutMs), (long)interval.TotalMilliseconds, NowMs);
        using var timer = new PeriodicTimer(interval, time);
        var ping = PingAsync(brokerId, brokerEpoch, cancellationToken);
        while (!liveness.IsSuspect)
        {
            await timer.WaitForNextTickAsync(cancellationToken);
            liveness.Tick(NowMs);
            if (!ping.IsCompleted)
            {
                continue;
            }

            switch (await ping)
            {
                case PingOutcome.Answered:
                    liveness.OnAnswer(NowMs);
                    break;
                case PingOutcome.Refused:
                    liveness.OnRefused();
                    break;
                case PingOutcome.Silent:
                default:
                    break;
            }

            ping = PingAsync(brokerId, brokerEpoch, cancellationToken);
        }
    }

    /// <summary>Whether most of the other registered brokers do not reach a broker that this one does not reach.</summary>
    /// <param name="brokerId">The broker.</param>
    /// <param name="brokerEpoch">Its registration.</param>
    /// <param name="others">The registered brokers except it and this one.</param>
    /// <param name="cancellationToken">Ends the tries.</param>
    public async Task<bool> AgreeOnDeathAsync(int brokerId, long brokerEpoch, IReadOnlyCollection<int> others, CancellationToken cancellationToken)
    {
        var votes = await Task.WhenAll(others.Select(other => VoteAsync(other, brokerId, brokerEpoch, cancellationToken)));
        return PeerLiveness.IsDead(others.Count + 1, votes.Count(isDead => isDead) + 1);
    }

    private async Task<bool> VoteAsync(int voter, int brokerId, long brokerEpoch, CancellationToken cancellationToken)
    {
        try
        {
            // The voter needs as long as its own ping.
            return !await grains.GetGrain<ILivenessGrain>(voter).ReachesAsync(brokerId, brokerEpoch, cancellationToken)
                .WaitAsync(Interval * 2, time, cancellationToken);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // No vote.
            return false;
        }
    }
}
