using OrleansStream.Core.Groups.Records;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Core.Groups.Consumers;

/// <summary>The records of groups of the consumer protocol.</summary>
internal static class ConsumerRecords
{
    public static CoordinatorRecord GroupEpoch(string groupId, int? epoch)
        => new(new ConsumerGroupMetadataKey { GroupId = groupId }, epoch is { } value ? new ConsumerGroupMetadataValue { Epoch = value } : null);

    public static CoordinatorRecord Subscription(string groupId, IReadOnlyDictionary<string, GroupTopic>? topics)
    {
        if (topics is null)
        {
            return new(new ConsumerGroupPartitionMetadataKey { GroupId = groupId }, null);
        }

        var value = new ConsumerGroupPartitionMetadataValue();
        value.Topics.AddRange(topics.OrderBy(topic => topic.Key, StringComparer.Ordinal).Select(topic => new ConsumerGroupPartitionMetadataValue.TopicMetadata
        {
            TopicId = topic.Value.Id,
            TopicName = topic.Key,
            NumPartitions = topic.Value.PartitionCount,
        }));
        return new(new ConsumerGroupPartitionMetadataKey { GroupId = groupId }, value);
    }

    public static CoordinatorRecord Member(string groupId, ConsumerMember member)
    {
        var value = new ConsumerGroupMemberMetadataValue
        {
            InstanceId = member.InstanceId,
            RackId = member.RackId,
            ClientId = member.ClientId,
            ClientHost = member.ClientHost,
            SubscribedTopicNames = [.. member.TopicNames],
            SubscribedTopicRegex = member.TopicRegex,
            RebalanceTimeoutMs = member.RebalanceTimeoutMs,
            ServerAssignor = member.ServerAssignor,
        };
        if (member.Classic is { } classic)
        {
            value.ClassicMemberMetadata = new() { SessionTimeoutMs = classic.SessionTimeoutMs };
            value.ClassicMemberMetadata.SupportedProtocols.AddRange(classic.Protocols.Select(
                protocol => new ConsumerGroupMemberMetadataValue.ClassicProtocol { Name = protocol.Name, Metadata = protocol.Metadata }));
        }

        return new(new ConsumerGroupMemberMetadataKey { GroupId = groupId, MemberId = member.MemberId }, value);
    }

    public static CoordinatorRecord MemberTombstone(string groupId, string memberId)
        => new(new ConsumerGroupMemberMetadataKey { GroupId = groupId, MemberId = memberId }, null);

    public static CoordinatorRecord TargetEpoch(string groupId, int? epoch)
        => new(
            new ConsumerGroupTargetAssignmentMetadataKey { GroupId = groupId },
            epoch is { } value ? new ConsumerGroupTargetAssignmentMetadataValue { AssignmentEpoch = value } : null);

    public static CoordinatorRecord Target(string groupId, string memberId, PartitionSet? target)
    {
        var key = new ConsumerGroupTargetAssignmentMemberKey { GroupId = groupId, MemberId = memberId };
        if (target is null)
        {
            return new(key, null);
        }

        var value = new ConsumerGroupTargetAssignmentMemberValue();
        value.TopicPartitions.AddRange(target.ByTopic().Select(topic => new ConsumerGroupTargetAssignmentMemberValue.TopicPartitionsValue
        {
            TopicId = topic.Topic,
            Partitions = topic.Partitions,
        }));
        return new(key, value);
    }

    public static CoordinatorRecord Current(string groupId, ConsumerMember member)
    {
        var value = new ConsumerGroupCurrentMemberAssignmentValue
        {
            MemberEpoch = member.Epoch,
            PreviousMemberEpoch = member.PreviousEpoch,
            State = (sbyte)member.State,
        };
        value.AssignedPartitions.AddRange(Write(member.Assigned));
        value.PartitionsPendingRevocation.AddRange(Write(member.PendingRevocation));
        return new(new ConsumerGroupCurrentMemberAssignmentKey { GroupId = groupId, MemberId = member.MemberId }, value);
    }

    public static CoordinatorRecord CurrentTombstone(string groupId, string memberId)
        => new(new ConsumerGroupCurrentMemberAssignmentKey { GroupId = groupId, MemberId = memberId }, null);

    public static PartitionSet Read(IEnumerable<ConsumerGroupCurrentMemberAssignmentValue.TopicPartitionsValue> topics)
        => PartitionSet.Of(topics.SelectMany(topic => topic.Partitions.Select(partition => (topic.TopicId, partition))));

    public static PartitionSet Read(IEnumerable<ConsumerGroupTargetAssignmentMemberValue.TopicPartitionsValue> topics)
        => PartitionSet.Of(topics.SelectMany(topic => topic.Partitions.Select(partition => (topic.TopicId, partition))));

    private static IEnumerable<ConsumerGroupCurrentMemberAssignmentValue.TopicPartitionsValue> Write(PartitionSet partitions)
        => partitions.ByTopic().Select(topic => new ConsumerGroupCurrentMemberAssignmentValue.TopicPartitionsValue
        {
            TopicId = topic.Topic,
            Partitions = topic.Partitions,
        });
}
