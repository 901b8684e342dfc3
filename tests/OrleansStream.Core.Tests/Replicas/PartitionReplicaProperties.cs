using FsCheck;
using FsCheck.Fluent;
using OrleansStream.Core.Controller;
using OrleansStream.Core.Replicas;
using static OrleansStream.Core.Tests.Replicas.ReplicaFixture;

namespace OrleansStream.Core.Tests.Replicas;

/// <summary>A leader with two followers under commands in any order; the invariants hold after each one.</summary>
public sealed class PartitionReplicaProperties
{
    private const short AcksAll = -1;

    private enum Step
    {
        Append,
        Flush,
        Fetch2,
        Fetch3,
        ShrinkIsr,
        CommitIsr,
        RefuseIsr,
        NewEpoch,
        ExpireAcks,
    }

    [Fact]
    public void Invariants_Hold_InEveryOrderOfCommands()
    {
        var steps = Gen.Elements(Enum.GetValues<Step>())
            .Zip(Gen.Choose(1, 5), (kind, size) => (Kind: kind, Size: size))
            .ListOf();
        Prop.ForAll(steps.ToArbitrary(), s => new Run().Go(s)).QuickCheckThrowOnFailure();
    }

    private sealed class Run
    {
        private readonly PartitionReplica _replica =
            new ReplicaFixture(ReplicaConfig.Default with { MinInSyncReplicas = 2, ReplicaLagTimeMaxMs = 10 }).Leading(replicas: [1, 2, 3]).Replica;

        private readonly Dictionary<int, long> _held = new() { [2] = -1, [3] = -1 };
        private readonly Dictionary<long, long> _waiting = [];
        private IsrProposal? _proposal;
        private long _highWatermark;
        private long _ticket;
        private long _now = Now;
        private int _partitionEpoch;

        public void Go(IList<(Step Kind, int Size)> steps)
        {
            foreach (var (kind, size) in steps)
            {
                _now += size;
                Take(kind, size);
                Check();
            }
        }

        private void Take(Step kind, int size)
        {
            switch (kind)
            {
                case Step.Append:
                    Append(size);
                    break;
                case Step.Flush:
                    Apply(_replica.OnLocalFlush(Math.Min(_replica.FlushedOffset + size, _replica.LogEndOffset)));
                    break;
                case Step.Fetch2:
                    Fetch(2, size);
                    break;
                case Step.Fetch3:
                    Fetch(3, size);
                    break;
                case Step.ShrinkIsr:
                    _proposal = _replica.CheckIsr(_now) ?? _proposal;
                    break;
                case Step.CommitIsr when _proposal is not null:
                    Apply(_replica.OnIsrCommitted(_proposal, ++_partitionEpoch));
                    _proposal = null;
                    break;
                case Step.RefuseIsr when _proposal is not null:
                    Apply(_replica.OnIsrRefused(
                        _proposal, new PartitionState(_proposal.State with { LeaderEpoch = _replica.LeaderEpoch + 1 }, ++_partitionEpoch, 1)));
                    _proposal = null;
                    break;
                case Step.NewEpoch:
                    var state = State(1, _replica.LeaderEpoch + 1, [1, 2, 3], [.. _replica.Isr], ++_partitionEpoch);
                    Apply(_replica.BecomeLeader(state, _now).Effects);
                    _held[2] = _held[3] = -1;
                    _proposal = null;
                    break;
                case Step.ExpireAcks:
                    foreach (var ack in _replica.ExpireAcks(_now).Acks)
                    {
                        ack.Error.ShouldBe(ErrorCode.RequestTimedOut);
                        _waiting.Remove(ack.Ticket).ShouldBeTrue();
                    }

                    break;
            }
        }

        private void Append(int records)
        {
            var decision = _replica.DecideProduce(Command(records));
            if (decision.Kind == ProduceDecisionKind.Refuse)
            {
                decision.Error.ShouldBe(ErrorCode.NotEnoughReplicas);
                _replica.Isr.Count.ShouldBeLessThan(2);
                return;
            }

            Apply(_replica.OnAppended(Command(records).Producer, decision.BaseOffset, _now));
            _replica.AwaitAck(++_ticket, decision.EndOffset, AcksAll, _now + 40).ShouldBeNull();
            _waiting.Add(_ticket, decision.EndOffset);
        }

        private void Fetch(int brokerId, int size)
        {
            var offset = Math.Min(Math.Max(0, _held[brokerId]) + size - 1, _replica.LogEndOffset);
            _held[brokerId] = offset;
            var transition = _replica.OnFollowerFetch(brokerId, _replica.LeaderEpoch, offset, _now);
            transition.Error.ShouldBe(ErrorCode.None, transition.Message);
            Apply(transition.Effects);
            _proposal = transition.Effects.IsrProposal ?? _proposal;
        }

        private void Apply(ReplicaEffects effects)
        {
            effects.HighWatermarkAdvanced.ShouldBe(_replica.HighWatermark > _highWatermark);
            foreach (var (ticket, error) in effects.Acks)
            {
                error.ShouldBe(ErrorCode.None);
                _waiting[ticket].ShouldBeLessThanOrEqualTo(_replica.HighWatermark);
                _waiting.Remove(ticket);
            }

            if (effects.HighWatermarkAdvanced)
            {
                _replica.Isr.Count.ShouldBeGreaterThanOrEqualTo(2);
                _replica.Isr.Where(id => id != 1).ShouldAllBe(id => _held[id] >= _replica.HighWatermark);
            }
        }

        private void Check()
        {
            _replica.HighWatermark.ShouldBeGreaterThanOrEqualTo(_highWatermark);
            _replica.HighWatermark.ShouldBeLessThanOrEqualTo(_replica.FlushedOffset);
            _replica.FlushedOffset.ShouldBeLessThanOrEqualTo(_replica.LogEndOffset);
            _replica.Isr.ShouldContain(1);
            _replica.PendingAckCount.ShouldBe(_waiting.Count);
            _waiting.Values.ShouldAllBe(end => end > _replica.HighWatermark);
            _highWatermark = _replica.HighWatermark;
        }
    }
}
