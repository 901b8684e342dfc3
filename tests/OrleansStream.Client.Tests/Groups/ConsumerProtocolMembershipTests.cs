using OrleansStream.Abstractions;

namespace OrleansStream.Client.Tests.Groups;

/// <summary>Members of the consumer protocol (KIP-848).</summary>
public sealed class ConsumerProtocolMembershipTests : GroupFixture
{
    [Fact]
    public async Task Heartbeat_SaysEverything_WhenTheAnswerToTheOneBeforeWasLost()
    {
        var beats = 0;
        var lost = false;
        Coordinator.OnConsumerHeartbeat = request =>
        {
            if (request.MemberEpoch == 0)
            {
                return Answer(request, []);
            }

            if (++beats == 2)
            {
                // The coordinator assigns a partition, and its broker ends before the answer is out.
                lost = true;
                throw new TimeoutException("the broker was killed");
            }

            // What was assigned once is told again only to who says everything.
            var isFull = request is { RebalanceTimeoutMs: > 0, SubscribedTopicNames: ["t"], TopicPartitions: not null };
            return Answer(request, lost && isFull ? [3] : null);
        };
        await using var consumer = Create(options => options.GroupProtocol = GroupProtocol.Consumer);
        consumer.Subscribe("t");

        await PollAllUntilAsync(() => consumer.Assignment.Count == 1, "the partition to be taken though the answer was lost", consumer);

        consumer.Assignment.ShouldBe([T(3)]);
        lost.ShouldBeTrue();
    }

    private static ConsumerGroupHeartbeatResponse Answer(ConsumerGroupHeartbeatRequest request, int[]? partitions) => new(
        ErrorCode.None, null, request.MemberId, 1, 1000, partitions is null ? null : [new TopicIdPartitions(Guid.NewGuid(), "t", partitions)]);
}
