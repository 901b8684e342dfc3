using OrleansStream.Abstractions;
using Kafka = OrleansStream.Protocol.Kafka;

namespace OrleansStream.Grains.Groups;

/// <summary>Between the contract's messages and those of the machine, which speaks Kafka's.</summary>
internal static class GroupMessages
{
    public static JoinGroupResponse PendingJoin { get; } = new(ErrorCode.None, IsPending: true, -1, null, null, string.Empty, false, string.Empty, []);

    public static JoinGroupResponse FailedJoin(string memberId, ErrorCode error)
        => new(error, IsPending: false, -1, null, null, string.Empty, false, memberId, []);

    public static Kafka.JoinGroupRequest ToKafka(JoinGroupRequest request)
    {
        var message = new Kafka.JoinGroupRequest
        {
            GroupId = request.GroupId,
            SessionTimeoutMs = request.SessionTimeoutMs,
            RebalanceTimeoutMs = request.RebalanceTimeoutMs,
            MemberId = request.MemberId,
            GroupInstanceId = request.GroupInstanceId,
            ProtocolType = request.ProtocolType,
            Reason = request.Reason,
        };
        message.Protocols.AddRange(request.Protocols.Select(protocol => new Kafka.JoinGroupRequest.JoinGroupRequestProtocol
        {
            Name = protocol.Name,
            Metadata = protocol.Metadata,
        }));
        return message;
    }

    public static JoinGroupResponse FromKafka(Kafka.JoinGroupResponse response) => new(
        response.ErrorCode,
        IsPending: false,
        response.GenerationId,
        response.ProtocolType,
        response.ProtocolName,
        response.Leader,
        response.SkipAssignment,
        response.MemberId,
        [.. response.Members.Select(member => new JoinedMember(member.MemberId, member.GroupInstanceId, member.Metadata))]);

    public static Kafka.SyncGroupRequest ToKafka(SyncGroupRequest request)
    {
        var message = new Kafka.SyncGroupRequest
        {
            GroupId = request.GroupId,
            GenerationId = request.GenerationId,
            MemberId = request.MemberId,
            GroupInstanceId = request.GroupInstanceId,
            ProtocolType = request.ProtocolType,
            ProtocolName = request.ProtocolName,
        };
        message.Assignments.AddRange(request.Assignments.Select(assignment => new Kafka.SyncGroupRequest.SyncGroupRequestAssignment
        {
            MemberId = assignment.MemberId,
            Assignment = assignment.Assignment,
        }));
        return message;
    }

    /// <summary>A commit without the topics that there are not.</summary>
    public static Kafka.OffsetCommitRequest ToKafka(OffsetCommitRequest request, Func<string, bool> exists)
    {
        var message = new Kafka.OffsetCommitRequest
        {
            GroupId = request.GroupId,
            GenerationIdOrMemberEpoch = request.GenerationIdOrMemberEpoch,
            MemberId = request.MemberId,
            GroupInstanceId = request.GroupInstanceId,
            RetentionTimeMs = request.RetentionTimeMs,
        };
        foreach (var topic in request.Topics.Where(topic => exists(topic.Topic)))
        {
            var target = new Kafka.OffsetCommitRequest.OffsetCommitRequestTopic { Name = topic.Topic };
            target.Partitions.AddRange(topic.Partitions.Select(partition => new Kafka.OffsetCommitRequest.OffsetCommitRequestPartition
            {
                PartitionIndex = partition.Partition,
                CommittedOffset = partition.Offset,
                CommittedLeaderEpoch = partition.LeaderEpoch,
                CommittedMetadata = partition.Metadata,
            }));
            message.Topics.Add(target);
        }

        return message;
    }

    /// <summary>The outcome for all topics of the request.</summary>
    public static OffsetCommitResponse FromKafka(Kafka.OffsetCommitResponse response, OffsetCommitRequest request)
    {
        var next = 0;
        return new OffsetCommitResponse(ErrorCode.None, Array.ConvertAll(request.Topics, topic =>
            next < response.Topics.Count && response.Topics[next].Name == topic.Topic
                ? response.Topics[next++].Partitions.Select(partition => partition.ErrorCode).ToArray()
                : Array.ConvertAll(topic.Partitions, _ => ErrorCode.UnknownTopicOrPartition)));
    }

    public static Kafka.OffsetFetchRequest.OffsetFetchRequestGroup ToKafka(OffsetFetchRequest request) => new()
    {
        GroupId = request.GroupId,
        MemberId = request.MemberId,
        MemberEpoch = request.MemberEpoch,
        Topics = request.Topics is null
            ? null
            : [.. request.Topics.Select(topic => new Kafka.OffsetFetchRequest.OffsetFetchRequestTopics { Name = topic.Topic, PartitionIndexes = [.. topic.Partitions] })],
    };

    public static OffsetFetchResponse FromKafka(Kafka.OffsetFetchResponse.OffsetFetchResponseGroup group) => new(
        group.ErrorCode,
        [
            .. group.Topics.Select(topic => new OffsetFetchTopic(
                topic.Name,
                [
                    .. topic.Partitions.Select(partition => new FetchedOffset(
                        partition.PartitionIndex,
                        partition.ErrorCode,
                        partition.CommittedOffset,
                        partition.CommittedLeaderEpoch,
                        partition.Metadata ?? string.Empty)),
                ])),
        ]);

    public static Kafka.OffsetDeleteRequest ToKafka(OffsetDeleteRequest request)
    {
        var message = new Kafka.OffsetDeleteRequest { GroupId = request.GroupId };
        foreach (var topic in request.Topics)
        {
            var target = new Kafka.OffsetDeleteRequest.OffsetDeleteRequestTopic { Name = topic.Topic };
            target.Partitions.AddRange(topic.Partitions.Select(partition => new Kafka.OffsetDeleteRequest.OffsetDeleteRequestPartition { PartitionIndex = partition }));
            message.Topics.Add(target);
        }

        return message;
    }

    public static GroupDescription FromKafka(Kafka.DescribeGroupsResponse.DescribedGroup group) => new(
        group.ErrorCode,
        null,
        group.GroupId,
        group.GroupState,
        group.ProtocolType,
        group.ProtocolData,
        -1,
        [
            .. group.Members.Select(member => new GroupMemberDescription(
                member.MemberId, member.GroupInstanceId, member.ClientId, member.ClientHost, member.MemberMetadata, member.MemberAssignment)),
        ]);

    public static Kafka.ConsumerGroupHeartbeatRequest ToKafka(ConsumerGroupHeartbeatRequest request) => new()
    {
        GroupId = request.GroupId,
        MemberId = request.MemberId,
        MemberEpoch = request.MemberEpoch,
        InstanceId = request.InstanceId,
        RackId = request.RackId,
        RebalanceTimeoutMs = request.RebalanceTimeoutMs,
        SubscribedTopicNames = request.SubscribedTopicNames?.ToList(),
        SubscribedTopicRegex = request.SubscribedTopicRegex,
        ServerAssignor = request.ServerAssignor,
        TopicPartitions = request.TopicPartitions?.Select(topic => new Kafka.ConsumerGroupHeartbeatRequest.TopicPartitionsValue
        {
            TopicId = topic.TopicId,
            Partitions = [.. topic.Partitions],
        }).ToList(),
    };

    public static ConsumerGroupHeartbeatResponse FromKafka(Kafka.ConsumerGroupHeartbeatResponse response) => new(
        response.ErrorCode,
        response.ErrorMessage,
        response.MemberId,
        response.MemberEpoch,
        response.HeartbeatIntervalMs,
        response.Assignment?.TopicPartitions.Select(topic => new TopicIdPartitions(topic.TopicId, string.Empty, [.. topic.Partitions])).ToArray());

    public static ConsumerGroupDescription FromKafka(Kafka.ConsumerGroupDescribeResponse.DescribedGroup group) => new(
        group.ErrorCode,
        group.ErrorMessage,
        group.GroupId,
        group.GroupState,
        group.GroupEpoch,
        group.AssignmentEpoch,
        group.AssignorName,
        [
            .. group.Members.Select(member => new ConsumerGroupMemberDescription(
                member.MemberId,
                member.InstanceId,
                member.RackId,
                member.MemberEpoch,
                member.ClientId,
                member.ClientHost,
                [.. member.SubscribedTopicNames],
                member.SubscribedTopicRegex,
                FromKafka(member.Assignment),
                FromKafka(member.TargetAssignment),
                IsClassic: member.MemberType == 0)),
        ]);

    private static TopicIdPartitions[] FromKafka(Kafka.ConsumerGroupDescribeResponse.AssignmentValue assignment)
        => [.. assignment.TopicPartitions.Select(topic => new TopicIdPartitions(topic.TopicId, topic.TopicName, [.. topic.Partitions]))];
}
