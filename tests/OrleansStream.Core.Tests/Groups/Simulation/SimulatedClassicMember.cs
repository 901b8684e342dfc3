using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Core.Tests.Groups.Simulation;

/// <summary>A member of the classic protocol that gives everything up before it joins again.</summary>
internal sealed class SimulatedClassicMember(GroupWorld world, int number, string? instanceId) : SimulatedMember(world, number, instanceId)
{
    private const string Protocol = "range";

    private Phase _phase;
    private long _calledMs;
    private int _partitionsSeen;

    private enum Phase
    {
        Out,
        Joining,
        Syncing,
        In,
    }

    /// <summary>Whether it forgets to sync, once.</summary>
    public bool NeverSyncs { get; set; }

    protected override void OnStart() => _phase = Phase.Out;

    protected override void OnBeat()
    {
        // A request that nobody answers is sent again.
        if (_phase == Phase.Out || (_phase != Phase.In && World.NowMs - _calledMs > 30_000))
        {
            Join();
        }
        else if (_phase == Phase.In && _partitionsSeen != World.PartitionCount)
        {
            // If this is the leader, the group rebalances.
            Join();
        }
        else if (_phase == Phase.In)
        {
            Heartbeat();
        }
    }

    protected override void SendLeave()
    {
        var request = new LeaveGroupRequest { GroupId = GroupWorld.GroupId, Members = [new() { MemberId = MemberId, GroupInstanceId = InstanceId }] };
        Call((coordinator, ticket, now) => coordinator.Leave(ticket, request, now), _ => { });
    }

    private void Join()
    {
        Lose();
        _phase = Phase.Joining;
        _calledMs = World.NowMs;
        _partitionsSeen = World.PartitionCount;
        var request = new JoinGroupRequest
        {
            GroupId = GroupWorld.GroupId,
            MemberId = MemberId,
            GroupInstanceId = InstanceId,
            SessionTimeoutMs = GroupWorld.SessionTimeoutMs,
            RebalanceTimeoutMs = GroupWorld.RebalanceTimeoutMs,
            ProtocolType = "consumer",
            Protocols = [new() { Name = Protocol, Metadata = EmbeddedProtocol.Subscription(GroupWorld.Topic) }],
        };
        var (context, sent) = (Context, World.NowMs);
        Call((coordinator, ticket, now) => coordinator.Join(ticket, request, context, now), answer => OnJoined(answer as JoinGroupResponse, sent));
    }

    private void OnJoined(JoinGroupResponse? response, long sentMs)
    {
        if (_phase != Phase.Joining || sentMs < _calledMs)
        {
            return;
        }

        switch (response?.ErrorCode)
        {
            case ErrorCode.None:
                MemberId = response.MemberId;
                Epoch = response.GenerationId;
                LastHeardMs = World.NowMs - GroupWorld.MaxAnswerDelayMs;
                if (response.SkipAssignment)
                {
                    // It leads, but has not seen which partitions there were when its predecessor assigned them.
                    _partitionsSeen = -1;
                }

                if (NeverSyncs)
                {
                    NeverSyncs = false;
                    Hang(60_000);
                    _phase = Phase.Out;
                    return;
                }

                Sync(response);
                break;
            case ErrorCode.MemberIdRequired:
                MemberId = response.MemberId;
                Join();
                break;
            case ErrorCode.UnknownMemberId:
                MemberId = string.Empty;
                _phase = Phase.Out;
                break;
            case ErrorCode.FencedInstanceId:
                MemberId = string.Empty;
                _phase = Phase.Out;
                break;
            default:
                _phase = Phase.Out;
                break;
        }
    }

    private void Sync(JoinGroupResponse joined)
    {
        _phase = Phase.Syncing;
        _calledMs = World.NowMs;
        var request = new SyncGroupRequest
        {
            GroupId = GroupWorld.GroupId,
            MemberId = MemberId,
            GroupInstanceId = InstanceId,
            GenerationId = Epoch,
            ProtocolType = "consumer",
            ProtocolName = Protocol,
        };
        if (joined.Leader == MemberId && !joined.SkipAssignment)
        {
            request.Assignments.AddRange(joined.Members.Select((member, index) => new SyncGroupRequest.SyncGroupRequestAssignment
            {
                MemberId = member.MemberId,
                Assignment = EmbeddedProtocol.Assignment(
                    GroupWorld.Topic, Enumerable.Range(0, World.PartitionCount).Where(partition => partition % joined.Members.Count == index)),
            }));
        }

        var (sent, generation) = (World.NowMs, Epoch);
        Call((coordinator, ticket, now) => coordinator.Sync(ticket, request, now), answer => OnSynced(answer as SyncGroupResponse, sent, generation));
    }

    private void OnSynced(SyncGroupResponse? response, long sentMs, int generation)
    {
        if (_phase != Phase.Syncing || sentMs < _calledMs)
        {
            return;
        }

        switch (response?.ErrorCode)
        {
            case ErrorCode.None:
                _phase = Phase.In;
                LastHeardMs = World.NowMs - GroupWorld.MaxAnswerDelayMs;
                Own(EmbeddedProtocol.Partitions(response.Assignment));
                break;
            case ErrorCode.UnknownMemberId or ErrorCode.FencedInstanceId:
                MemberId = string.Empty;
                _phase = Phase.Out;
                break;
            default:
                _phase = Phase.Out;
                break;
        }
    }

    private void Heartbeat()
    {
        var request = new HeartbeatRequest { GroupId = GroupWorld.GroupId, MemberId = MemberId, GroupInstanceId = InstanceId, GenerationId = Epoch };
        var (sent, generation) = (World.NowMs, Epoch);
        Call(
            (coordinator, ticket, now) => coordinator.Heartbeat(ticket, request, now),
            answer =>
            {
                if (_phase != Phase.In || generation != Epoch)
                {
                    return;
                }

                switch ((answer as HeartbeatResponse)?.ErrorCode)
                {
                    case null:
                        break;
                    case ErrorCode.None:
                        LastHeardMs = sent;
                        break;
                    case ErrorCode.UnknownMemberId or ErrorCode.FencedInstanceId:
                        MemberId = string.Empty;
                        Join();
                        break;
                    default:
                        Join();
                        break;
                }
            });
    }
}
