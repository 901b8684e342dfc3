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

    private TimeSpan SessionTimeout => TimeSpan.FromMilliseconds(configs.Broker.Get(BrokerConfigKeys.BrokerSessionTimeoutMs));

    /// <summary>How long one try of a broker lasts that another one asks for.</summary>
    private TimeSpan TryPatience => Interval * PeerLiveness.IntervalsOfATry;

    private long NowMs => (long)time.GetElapsedTime(0).TotalMilliseconds;

    /// <summary>Asks a broker once for a sign of life.</summary>
    public Task<PingOutcome> PingAsync(int brokerId, long brokerEpoch, CancellationToken cancellationToken)
        => PingAsync(brokerId, brokerEpoch, TryPatience, cancellationToken);

    /// <summary>
    /// Watches a broker until it is to be taken for dead: it is silent, and most of the other registered brokers do not reach it either. As long
    /// as it is silent and they do not agree they are asked again.
    /// </summary>
    /// <param name="brokerId">The broker.</param>
    /// <param name="brokerEpoch">Its registration.</param>
    /// <param name="readOthers">The registered brokers except it and this one.</param>
    /// <param name="onNotAgreed">Called once in a silence, when the others do not agree.</param>
    /// <param name="cancellationToken">Ends the watch.</param>
    public async Task WhenDeadAsync(
        int brokerId,
        long brokerEpoch,
        Func<CancellationToken, ValueTask<IReadOnlyCollection<int>>> readOthers,
        Action onNotAgreed,
        CancellationToken cancellationToken)
    {
        var (interval, sessionTimeout) = (Interval, SessionTimeout);
        var liveness = new PeerLiveness((long)sessionTimeout.TotalMilliseconds, (long)interval.TotalMilliseconds, NowMs);
        var maxUnanswered = (int)Math.Ceiling(sessionTimeout / interval);
        var pings = new List<Task<PingOutcome>> { PingAsync(brokerId, brokerEpoch, sessionTimeout, cancellationToken) };
        using var timer = new PeriodicTimer(interval, time);
        var tick = timer.WaitForNextTickAsync(cancellationToken).AsTask();
        Task<Verdict>? asking = null;
        var isTold = false;
        while (true)
        {
            Task[] awaited = asking is null ? [tick] : [tick, asking];
            await Task.WhenAny(awaited);
            await HearAsync(pings, liveness);
            liveness.Tick(NowMs);
            isTold &= liveness.IsSuspect;
            if (asking is { IsCompleted: true })
            {
                // Asked once more with the next tick, unless it has answered meanwhile.
                var verdict = await asking;
                asking = null;
                var isDead = verdict.Witnesses == 0 ? liveness.IsSuspectWithoutWitness : verdict.IsAgreed;
                if (isDead && liveness.IsSuspect)
                {
                    return;
                }

                if (!isTold && liveness.SilenceMs >= sessionTimeout.TotalMilliseconds)
                {
                    isTold = true;
                    onNotAgreed();
                }
            }

            if (!tick.IsCompleted)
            {
                continue;
            }

            await tick;
            tick = timer.WaitForNextTickAsync(cancellationToken).AsTask();
            if (pings.Count < maxUnanswered)
            {
                pings.Add(PingAsync(brokerId, brokerEpoch, sessionTimeout, cancellationToken));
            }

            if (liveness.IsSuspect)
            {
                asking ??= AskOthersAsync(brokerId, brokerEpoch, readOthers, cancellationToken);
            }
        }
    }

    /// <summary>Takes in what has become of pings. An answer that is late is one: on a busy machine it takes its time, and the broker lives.</summary>
    private async Task HearAsync(List<Task<PingOutcome>> pings, PeerLiveness liveness)
    {
        foreach (var ping in pings.Where(ping => ping.IsCompleted).ToArray())
        {
            pings.Remove(ping);
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
        }
    }

    /// <summary>Whether most of the other registered brokers do not reach a broker that this one does not reach. All are asked at once, and no longer than it takes.</summary>
    private async Task<Verdict> AskOthersAsync(
        int brokerId, long brokerEpoch, Func<CancellationToken, ValueTask<IReadOnlyCollection<int>>> readOthers, CancellationToken cancellationToken)
    {
        var others = await readOthers(cancellationToken);
        var agreeing = 1;
        await foreach (var vote in Task.WhenEach(others.Select(other => VoteAsync(other, brokerId, brokerEpoch, cancellationToken))))
        {
            agreeing += await vote ? 1 : 0;
            if (PeerLiveness.IsDead(others.Count + 1, agreeing))
            {
                return new Verdict(others.Count, true);
            }
        }

        return new Verdict(others.Count, false);
    }

    private async Task<PingOutcome> PingAsync(int brokerId, long brokerEpoch, TimeSpan patience, CancellationToken cancellationToken)
    {
        try
        {
            var epoch = await grains.GetGrain<ILivenessGrain>(brokerId).PingAsync(cancellationToken).WaitAsync(patience, time, cancellationToken);
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

    private async Task<bool> VoteAsync(int voter, int brokerId, long brokerEpoch, CancellationToken cancellationToken)
    {
        try
        {
            // The voter needs as long as its own ping.
            return !await grains.GetGrain<ILivenessGrain>(voter).ReachesAsync(brokerId, brokerEpoch, cancellationToken)
                .WaitAsync(TryPatience * 2, time, cancellationToken);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // No vote.
            return false;
        }
    }

    /// <summary>What others say of a broker.</summary>
    /// <param name="Witnesses">How many could be asked.</param>
    /// <param name="IsAgreed">Whether most of them, and the one that asks, do not reach it.</param>
    private readonly record struct Verdict(int Witnesses, bool IsAgreed);
}
