using OrleansStream.Core.Replicas;

namespace OrleansStream.Simulation.Tests.Brokers;

/// <content>What a leader does.</content>
internal sealed partial class SimBroker
{
    private const int MaxRecordsPerFetch = 4;
    private const long AckTimeoutMs = 120;

    /// <summary>A producer's record, with acks=all.</summary>
    public void OnProduce(TopicPartition partition, long producerId, int sequence, Action<(ErrorCode Error, long Offset)> reply)
    {
        if (!Replicas.TryGetValue(partition, out var replica))
        {
            reply((ErrorCode.NotLeaderOrFollower, -1));
            return;
        }

        var machine = replica.Machine;
        var batch = SimLog.BatchOf(new SimRecord(0, producerId, sequence));
        var decision = machine.DecideProduce(new ProduceCommand(batch, 100, IsTransactional: false, Acks: -1, NowMs));
        if (decision.Kind == ProduceDecisionKind.Refuse)
        {
            reply((decision.Error, -1));
            return;
        }

        if (decision.Kind == ProduceDecisionKind.Append)
        {
            replica.Log.Append(new SimRecord(decision.LeaderEpoch, producerId, sequence));
            CarryOut(replica, machine.OnAppended(batch, decision.BaseOffset, NowMs));
            Flush(replica);
        }

        var ticket = ++replica.LastTicket;
        if (machine.AwaitAck(ticket, decision.EndOffset, -1, NowMs + AckTimeoutMs) is { } outcome)
        {
            reply((outcome, decision.BaseOffset));
        }
        else
        {
            replica.Acks.Add(ticket, error => reply((error, decision.BaseOffset)));
        }
    }

    /// <summary>A follower's fetch.</summary>
    public void OnFetch(TopicPartition partition, ReplicaFetch fetch, Action<SimFetchAnswer> reply)
    {
        if (!Replicas.TryGetValue(partition, out var replica))
        {
            reply(new SimFetchAnswer(new ReplicaFetchAnswer(ErrorCode.NotLeaderOrFollower, null, -1, -1), []));
            return;
        }

        if (_cluster.Flaws.HasFlag(Flaws.NoFetchFencing))
        {
            fetch = fetch with { LeaderEpoch = replica.Machine.LeaderEpoch };
        }

        var decision = replica.Machine.OnFollowerFetch(fetch, replica.Log, NowMs);
        CarryOut(replica, decision.Effects);
        var answer = new ReplicaFetchAnswer(decision.Error, decision.DivergingEpoch, replica.Machine.HighWatermark, replica.Machine.LogStartOffset);
        var count = decision.Error == ErrorCode.None && decision.DivergingEpoch is null
            ? (int)Math.Min(MaxRecordsPerFetch, replica.Log.EndOffset - fetch.FetchOffset)
            : 0;
        reply(new SimFetchAnswer(answer, count <= 0 ? [] : [.. replica.Log.Records.GetRange((int)fetch.FetchOffset, count)]));
    }

    /// <summary>A follower's word on how far its log is on disk.</summary>
    public void OnFlushReport(TopicPartition partition, ReplicaFlush flush)
    {
        if (Replicas.TryGetValue(partition, out var replica))
        {
            CarryOut(replica, replica.Machine.OnFollowerFlushed(flush, NowMs));
        }
    }

    /// <summary>A consumer's read.</summary>
    public (ErrorCode Error, SimRecord[] Records) OnRead(TopicPartition partition, long offset)
    {
        if (!Replicas.TryGetValue(partition, out var replica))
        {
            return (ErrorCode.NotLeaderOrFollower, []);
        }

        var decision = replica.Machine.DecideRead(offset, -1, IsolationLevel.ReadUncommitted);
        return decision.IsSuccess
            ? (ErrorCode.None, offset >= decision.Value ? [] : [.. replica.Log.Records.GetRange((int)offset, (int)(decision.Value - offset))])
            : (decision.Error, []);
    }

    /// <summary>Writes a proposal to the store, as often as it takes to know what became of it.</summary>
    private void Propose(SimReplica replica, IsrProposal proposal)
    {
        var session = _sessionId;
        if (session == 0)
        {
            _cluster.Network.Post(this, 15, () => ProposeAgain(replica, proposal));
            return;
        }

        _cluster.Store.Call(
            this,
            session,
            () => _cluster.Store.TryUpdateIsr(replica.Partition, proposal.State, proposal.PartitionEpoch),
            outcome =>
            {
                if (IsOpen(replica))
                {
                    CarryOut(replica, outcome.IsWritten
                        ? replica.Machine.OnIsrCommitted(proposal, outcome.Current!.PartitionEpoch)
                        : replica.Machine.OnIsrRefused(proposal, outcome.Current));
                }
            },
            () => _cluster.Network.Post(this, 10, () => ProposeAgain(replica, proposal)));
    }

    private void ProposeAgain(SimReplica replica, IsrProposal proposal)
    {
        if (IsOpen(replica) && replica.Machine.LeaderEpoch == proposal.State.LeaderEpoch && replica.Machine.Role == ReplicaRole.Leader)
        {
            Propose(replica, proposal);
        }
    }

    private void Flush(SimReplica replica)
    {
        if (replica.IsFlushing)
        {
            return;
        }

        replica.IsFlushing = true;
        var end = replica.Log.EndOffset;
        _cluster.Network.Post(this, _cluster.Random.Between(1, 5), () =>
        {
            replica.IsFlushing = false;
            if (!IsOpen(replica))
            {
                return;
            }

            replica.Log.Flush(end);
            CarryOut(replica, replica.Machine.OnLocalFlush(replica.Log.FlushedOffset));
            ReportFlushed(replica);
            if (replica.Log.FlushedOffset < replica.Log.EndOffset)
            {
                Flush(replica);
            }
        });
    }

    private bool IsOpen(SimReplica replica) => Replicas.TryGetValue(replica.Partition, out var open) && ReferenceEquals(open, replica);
}

/// <summary>The leader's answer with the records.</summary>
internal readonly record struct SimFetchAnswer(ReplicaFetchAnswer Answer, SimRecord[] Records);
