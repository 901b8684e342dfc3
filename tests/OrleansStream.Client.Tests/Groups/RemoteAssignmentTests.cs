using System.Collections.Concurrent;
using OrleansStream.Abstractions;

namespace OrleansStream.Client.Tests.Groups;

/// <summary>A member of the consumer protocol (KIP-848), whose partitions come with the answers to its heartbeats.</summary>
public sealed class RemoteAssignmentTests : GroupFixture
{
    private readonly ConcurrentQueue<ConsumerGroupHeartbeatRequest> _heartbeats = new();

    [Fact]
    public async Task Heartbeat_ForgetsTheTargetOfAnEarlierMembership()
    {
        var isFenced = false;
        Answer(request => (request, isFenced) switch
        {
            ({ MemberEpoch: 0 }, false) => Owns(1, 0),
            ({ MemberEpoch: 0 }, true) => Owns(9, 3),
            ({ MemberEpoch: 9 }, _) => Owns(9),
            (_, true) => Owns(0) with { Error = ErrorCode.FencedMemberEpoch },
            ({ MemberEpoch: 1, TopicPartitions: not null }, _) => Owns(2, 0, 1),
            ({ MemberEpoch: 2 }, _) => Owns(3, 0, 1, 2),
            _ => Owns(request.MemberEpoch),
        });
        await using var consumer = Create(options =>
        {
            options.GroupProtocol = GroupProtocol.Consumer;
            options.EnableAutoCommit = false;
        });
        consumer.Subscribe("t");
        await PollAllUntilAsync(() => consumer.Assignment.Count == 1, "the first assignment", consumer);

        // The reader is away: one target waits for it, and another one behind that.
        await AdvanceUntilAsync(() => _heartbeats.Any(request => request.MemberEpoch == 3), 100, "the third epoch");
        isFenced = true;
        await AdvanceUntilAsync(() => consumer.GroupMetadata!.GenerationId < 0, 100, "being fenced");

        await PollAllUntilAsync(() => _heartbeats.Any(IsOwnerOfTheLast), "going over to what the new membership has", consumer);
        var seen = _heartbeats.Count;
        await PollAllUntilAsync(() => _heartbeats.Count > seen + 2, "some heartbeats more", consumer);
        consumer.Assignment.ShouldBe([T(3)]);
    }

    private static bool IsOwnerOfTheLast(ConsumerGroupHeartbeatRequest request)
        => request is { MemberEpoch: 9, TopicPartitions: [{ Partitions: [3] }] };

    private static ConsumerGroupHeartbeatResponse Owns(int epoch, params int[] partitions)
        => new(ErrorCode.None, null, null, epoch, 1000, partitions.Length == 0 ? null : [new TopicIdPartitions(Guid.Empty, string.Empty, partitions)]);

    private void Answer(Func<ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse> answer) => Coordinator.OnConsumerHeartbeat = request =>
    {
        _heartbeats.Enqueue(request);
        return answer(request);
    };
}
