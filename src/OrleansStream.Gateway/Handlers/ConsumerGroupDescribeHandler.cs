using OrleansStream.Abstractions;
using OrleansStream.Gateway.Requests;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Gateway.Handlers;

/// <summary>ConsumerGroupDescribe, 0 to 1: groups of the consumer protocol (KIP-848).</summary>
internal sealed class ConsumerGroupDescribeHandler(GroupCoordinators coordinators) : KafkaHandler<ConsumerGroupDescribeRequest>
{
    private const sbyte ClassicMember = 0;
    private const sbyte ConsumerMember = 1;

    /// <inheritdoc/>
    protected override async ValueTask<IKafkaMessage?> HandleAsync(ConsumerGroupDescribeRequest request, RequestContext context)
    {
        var described = await Task.WhenAll(request.GroupIds.Select(groupId => coordinators.CallAsync(
            groupId,
            async coordinator => (await coordinator.DescribeConsumerGroupsAsync([groupId], context.Aborted))[0],
            group => group.Error,
            error => new ConsumerGroupDescription(error, null, groupId, string.Empty, 0, 0, string.Empty, []),
            context.Aborted)));
        var response = new ConsumerGroupDescribeResponse();
        response.Groups.AddRange(described.Select(group => new ConsumerGroupDescribeResponse.DescribedGroup
        {
            ErrorCode = group.Error,
            ErrorMessage = group.ErrorMessage,
            GroupId = group.GroupId,
            GroupState = group.State,
            GroupEpoch = group.GroupEpoch,
            AssignmentEpoch = group.AssignmentEpoch,
            AssignorName = group.AssignorName,
            Members = [.. group.Members.Select(Member)],
        }));
        return response;
    }

    private static ConsumerGroupDescribeResponse.Member Member(ConsumerGroupMemberDescription member) => new()
    {
        MemberId = member.MemberId,
        InstanceId = member.InstanceId,
        RackId = member.RackId,
        MemberEpoch = member.MemberEpoch,
        ClientId = member.ClientId,
        ClientHost = member.ClientHost,
        SubscribedTopicNames = [.. member.SubscribedTopicNames],
        SubscribedTopicRegex = member.SubscribedTopicRegex,
        Assignment = Assignment(member.Assignment),
        TargetAssignment = Assignment(member.TargetAssignment),
        MemberType = member.IsClassic ? ClassicMember : ConsumerMember,
    };

    private static ConsumerGroupDescribeResponse.AssignmentValue Assignment(TopicIdPartitions[] topics) => new()
    {
        TopicPartitions =
        [
            .. topics.Select(topic => new ConsumerGroupDescribeResponse.TopicPartitionsValue
            {
                TopicId = topic.TopicId,
                TopicName = topic.TopicName,
                Partitions = [.. topic.Partitions],
            }),
        ],
    };
}
