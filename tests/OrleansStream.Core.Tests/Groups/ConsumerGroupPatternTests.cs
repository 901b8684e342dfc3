using OrleansStream.Core.Groups;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Core.Tests.Groups;

/// <summary>Members of the consumer protocol (KIP-848) that leave it to the coordinator which topics match their pattern.</summary>
public sealed class ConsumerGroupPatternTests
{
    private const string GroupId = "g";

    private static readonly GroupTopic First = new(Guid.Parse("5f5b2f0e-6f3f-4cf6-9a36-3c34e5ad55a1"), 1);
    private static readonly GroupTopic Second = new(Guid.Parse("5f5b2f0e-6f3f-4cf6-9a36-3c34e5ad55a2"), 2);
    private static readonly GroupTopic Other = new(Guid.Parse("5f5b2f0e-6f3f-4cf6-9a36-3c34e5ad55a3"), 3);

    private readonly GroupCoordinator _coordinator = new(new GroupSettings());
    private long _tickets;

    public ConsumerGroupPatternTests()
    {
        Know([]);
        _coordinator.OnLoaded(default);
    }

    [Fact]
    public void Member_GetsTopicsWithItsNextHeartbeat_WhenTheyComeLaterAndMatch()
    {
        var joined = Join("java-.*");
        joined.Assignment.ShouldNotBeNull().TopicPartitions.ShouldBeEmpty();

        Know(new() { ["java-0"] = First, ["other-java-0"] = Other });
        var first = Beat(joined.MemberEpoch);
        first.MemberEpoch.ShouldBeGreaterThan(joined.MemberEpoch);
        TopicsOf(first).ShouldBe([First.Id]);
        Beat(first.MemberEpoch, First).Assignment.ShouldBeNull("it has what it is to have");

        Know(new() { ["java-0"] = First, ["java-1"] = Second, ["other-java-0"] = Other });
        var both = Beat(first.MemberEpoch);
        both.MemberEpoch.ShouldBeGreaterThan(first.MemberEpoch);
        TopicsOf(both).ShouldBe([First.Id, Second.Id]);
        both.Assignment!.TopicPartitions.Single(topic => topic.TopicId == Second.Id).Partitions.Order().ShouldBe([0, 1]);
    }

    [Fact]
    public void Member_GivesTopicsUp_WhenTheyAreGone()
    {
        Know(new() { ["java-0"] = First, ["java-1"] = Second });
        var joined = Join("java-.*");
        TopicsOf(joined).ShouldBe([First.Id, Second.Id]);

        Know(new() { ["java-1"] = Second });
        TopicsOf(Beat(joined.MemberEpoch, First, Second)).ShouldBe([Second.Id]);
    }

    [Fact]
    public void Epoch_Stays_WhenATopicComesThatDoesNotMatch()
    {
        Know(new() { ["java-0"] = First });
        var joined = Join("java-.*");

        Know(new() { ["java-0"] = First, ["other"] = Other });
        var answer = Beat(joined.MemberEpoch, First);

        answer.MemberEpoch.ShouldBe(joined.MemberEpoch);
        answer.Assignment.ShouldBeNull();
    }

    [Fact]
    public void Member_FollowsItsNewPattern_AndNoneWhenItIsEmpty()
    {
        Know(new() { ["java-0"] = First, ["other"] = Other });
        var joined = Join("java-.*");
        var beat = new ConsumerGroupHeartbeatRequest { GroupId = GroupId, MemberId = "a", MemberEpoch = joined.MemberEpoch, SubscribedTopicRegex = "java-.*|other" };

        var both = Send(beat);
        TopicsOf(both).ShouldBe([First.Id, Other.Id]);

        beat.MemberEpoch = both.MemberEpoch;
        beat.SubscribedTopicRegex = "";
        TopicsOf(Send(beat)).ShouldBeEmpty();
    }

    private static IEnumerable<Guid> TopicsOf(ConsumerGroupHeartbeatResponse response)
        => response.Assignment.ShouldNotBeNull().TopicPartitions.Select(topic => topic.TopicId).Order();

    private void Know(Dictionary<string, GroupTopic> topics) => _coordinator.SetTopics(new Topics(topics));

    // As Kafka's Java client joins: no names, but a list of them.
    private ConsumerGroupHeartbeatResponse Join(string pattern) => Send(new()
    {
        GroupId = GroupId,
        MemberId = "a",
        RebalanceTimeoutMs = 5_000,
        SubscribedTopicNames = [],
        SubscribedTopicRegex = pattern,
        TopicPartitions = [],
    });

    private ConsumerGroupHeartbeatResponse Beat(int epoch, params GroupTopic[] owned) => Send(new()
    {
        GroupId = GroupId,
        MemberId = "a",
        MemberEpoch = epoch,
        TopicPartitions = owned.Length == 0
            ? null
            : [.. owned.Select(topic => new ConsumerGroupHeartbeatRequest.TopicPartitionsValue { TopicId = topic.Id, Partitions = [.. Enumerable.Range(0, topic.PartitionCount)] })],
    });

    private ConsumerGroupHeartbeatResponse Send(ConsumerGroupHeartbeatRequest request)
    {
        var effects = _coordinator.ConsumerHeartbeat(++_tickets, request, new JoinContext("client", "/host", Guid.Empty), default);
        var answer = (ConsumerGroupHeartbeatResponse)effects.Answers.ShouldHaveSingleItem().Response;
        answer.ErrorCode.ShouldBe(ErrorCode.None, answer.ErrorMessage);
        return answer;
    }

    private sealed class Topics(Dictionary<string, GroupTopic> topics) : IGroupTopics
    {
        public IEnumerable<string> Names => topics.Keys.Order(StringComparer.Ordinal);

        public GroupTopic? Find(string name) => topics.TryGetValue(name, out var topic) ? topic : null;
    }
}
