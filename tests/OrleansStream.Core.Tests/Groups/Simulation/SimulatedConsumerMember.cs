using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Core.Tests.Groups.Simulation;

/// <summary>A member of the consumer protocol.</summary>
internal sealed class SimulatedConsumerMember(GroupWorld world, int number, string? instanceId) : SimulatedMember(world, number, instanceId)
{
    private readonly int _number = number;
    private bool _isWaiting;
    private bool _sendFull;

    protected override void OnStart()
    {
        MemberId = $"m{_number}-{Incarnation}";
        _isWaiting = false;
        _sendFull = true;
    }

    protected override void OnBeat()
    {
        if (!_isWaiting)
        {
            Heartbeat();
        }
    }

    protected override void SendLeave()
    {
        var request = new ConsumerGroupHeartbeatRequest { GroupId = GroupWorld.GroupId, MemberId = MemberId, InstanceId = InstanceId, MemberEpoch = InstanceId is null ? -1 : -2 };
        var context = Context;
        Call((coordinator, ticket, now) => coordinator.ConsumerHeartbeat(ticket, request, context, now), _ => { });
    }

    private void Heartbeat()
    {
        _isWaiting = true;
        var (incarnation, sent) = (Incarnation, World.NowMs);
        var request = new ConsumerGroupHeartbeatRequest
        {
            GroupId = GroupWorld.GroupId,
            MemberId = MemberId,
            InstanceId = InstanceId,
            MemberEpoch = Epoch,
            RebalanceTimeoutMs = _sendFull ? GroupWorld.RebalanceTimeoutMs : -1,
            SubscribedTopicNames = _sendFull ? [GroupWorld.Topic] : null,
            TopicPartitions = Owned.Count == 0 ? [] : [new() { TopicId = GroupWorld.TopicId, Partitions = [.. Owned] }],
        };
        var context = Context;
        World.After(5000, () => { if (incarnation == Incarnation && sent == World.NowMs - 5000) { _isWaiting = false; } });
        Call((coordinator, ticket, now) => coordinator.ConsumerHeartbeat(ticket, request, context, now), answer => OnAnswer(answer as ConsumerGroupHeartbeatResponse, sent));
    }

    private void OnAnswer(ConsumerGroupHeartbeatResponse? response, long sentMs)
    {
        _isWaiting = false;
        if (response is null)
        {
            // It does not know what became of its heartbeat, so it says everything again.
            _sendFull = true;
            return;
        }

        switch (response.ErrorCode)
        {
            case ErrorCode.None:
                _sendFull = false;
                Epoch = response.MemberEpoch;
                LastHeardMs = sentMs;
                if (response.Assignment is { } assignment)
                {
                    Own(assignment.TopicPartitions.SelectMany(topic => topic.Partitions));
                }

                break;
            case ErrorCode.FencedMemberEpoch or ErrorCode.UnknownMemberId or ErrorCode.FencedInstanceId or ErrorCode.GroupIdNotFound:
                Lose();
                Epoch = 0;
                _sendFull = true;
                break;
            default:
                break;
        }
    }
}
