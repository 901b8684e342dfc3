using OrleansStream.Core.Replicas;

namespace OrleansStream.Simulation.Tests.Brokers;

/// <content>What a follower does.</content>
internal sealed partial class SimBroker
{
    private const long FetchTimeoutMs = 25;

    private bool TruncatesToHighWatermark => _cluster.Flaws.HasFlag(Flaws.TruncateToHighWatermark);

    private void BeginFollowing(SimReplica replica)
    {
        if (TruncatesToHighWatermark && replica.Log.CheckpointedHighWatermark < replica.Log.EndOffset)
        {
            // What Kafka did before KIP-101.
            Cut(replica, replica.Log.CheckpointedHighWatermark);
        }

        var loop = ++replica.FetchLoop;
        _cluster.Network.Post(this, 1, () => Fetch(replica, loop));
    }

    private void Fetch(SimReplica replica, int loop)
    {
        if (loop != replica.FetchLoop || !IsOpen(replica) || IsShuttingDown || replica.Machine.NextFetch(replica.Log, BrokerEpoch) is not { } fetch)
        {
            return;
        }

        var attempt = ++replica.FetchAttempt;
        var leader = _cluster.BrokerOf(replica.Machine.Leader);
        _cluster.Network.Call<SimFetchAnswer>(this, leader, reply => leader.OnFetch(replica.Partition, TruncatesToHighWatermark ? fetch with { LastFetchedEpoch = -1 } : fetch, reply), answer =>
        {
            if (!IsOpen(replica))
            {
                return;
            }

            // An answer that comes late is taken none the less, if it fits.
            var delay = OnFetched(replica, fetch, answer);
            if (attempt == replica.FetchAttempt)
            {
                replica.FetchAttempt++;
                _cluster.Network.Post(this, delay, () => Fetch(replica, loop));
            }
        });
        _cluster.Network.Post(this, FetchTimeoutMs, () =>
        {
            if (attempt == replica.FetchAttempt)
            {
                Fetch(replica, loop);
            }
        });
    }

    /// <returns>When to fetch again, milliseconds.</returns>
    private long OnFetched(SimReplica replica, in ReplicaFetch fetch, SimFetchAnswer answer)
    {
        var action = replica.Machine.DecideFetched(fetch, answer.Answer, replica.Log);
        switch (action.Kind)
        {
            case FollowerActionKind.Append:
                var offset = replica.Log.EndOffset;
                foreach (var record in answer.Records)
                {
                    replica.Log.Append(record);
                    replica.Machine.OnReplicated(SimLog.BatchOf(record), offset++, NowMs);
                }

                CarryOut(replica, replica.Machine.OnLeaderProgress(answer.Answer.HighWatermark));
                replica.Log.CheckpointedHighWatermark = replica.Machine.HighWatermark;
                if (answer.Records.Length == 0)
                {
                    return _cluster.Random.Between(3, 6);
                }

                Flush(replica);
                return 1;
            case FollowerActionKind.Truncate:
                Cut(replica, action.Offset);
                return 1;
            case FollowerActionKind.StartOver:
                Cut(replica, 0);
                return 1;
            case FollowerActionKind.BackOff:
                return 10;
            default:
                return 1;
        }
    }

    /// <summary>Tells the leader of a flush without a fetch; only sometimes, since the next fetch tells it as well.</summary>
    private void ReportFlushed(SimReplica replica)
    {
        if (replica.Machine.FlushReport(BrokerEpoch) is { } report && _cluster.Random.Below(2) == 0)
        {
            var leader = _cluster.BrokerOf(replica.Machine.Leader);
            _cluster.Network.Call<bool>(
                this,
                leader,
                reply =>
                {
                    leader.OnFlushReport(replica.Partition, report);
                    reply(true);
                },
                _ => { });
        }
    }

    private void Cut(SimReplica replica, long offset)
    {
        _cluster.Log(() => $"broker {Id} cuts {replica.Partition} from {replica.Log.EndOffset} to {offset}");
        replica.Log.TruncateTail(offset);
        replica.Machine.OnTruncated(0, offset, replica.Log.FlushedOffset);
        replica.Log.Replay(replica.Machine.Producers);
        _cluster.Checker.Touch(this, replica);
    }
}
