using OrleansStream.Core.Groups.Classic;
using OrleansStream.Core.Groups.Consumers;
using OrleansStream.Core.Groups.Records;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Core.Groups;

/// <content>What is stored of groups of the consumer protocol.</content>
public sealed partial class GroupCoordinator
{
    private void ReplayConsumerRecord(CoordinatorRecord record)
    {
        switch (record.Key)
        {
            case ConsumerGroupMetadataKey key:
                if (record.Value is ConsumerGroupMetadataValue epoch)
                {
                    ConsumerGroupFor(key.GroupId).GroupEpoch = epoch.Epoch;
                }
                else if (_groups.GetValueOrDefault(key.GroupId) is ConsumerGroup)
                {
                    RemoveGroup(key.GroupId);
                }

                break;
            case ConsumerGroupPartitionMetadataKey key:
                ConsumerGroupFor(key.GroupId, record)?.SetSubscription((ConsumerGroupPartitionMetadataValue?)record.Value);
                break;
            case ConsumerGroupMemberMetadataKey key:
                ReplayMember(ConsumerGroupFor(key.GroupId, record), key.MemberId, (ConsumerGroupMemberMetadataValue?)record.Value);
                break;
            case ConsumerGroupTargetAssignmentMetadataKey key:
                if (ConsumerGroupFor(key.GroupId, record) is { } assigned)
                {
                    assigned.AssignmentEpoch = (record.Value as ConsumerGroupTargetAssignmentMetadataValue)?.AssignmentEpoch ?? -1;
                }

                break;
            case ConsumerGroupTargetAssignmentMemberKey key:
                ConsumerGroupFor(key.GroupId, record)?.SetTarget(
                    key.MemberId, record.Value is ConsumerGroupTargetAssignmentMemberValue target ? ConsumerRecords.Read(target.TopicPartitions) : null);
                break;
            case ConsumerGroupCurrentMemberAssignmentKey key:
                ReplayCurrent(ConsumerGroupFor(key.GroupId, record), key.MemberId, (ConsumerGroupCurrentMemberAssignmentValue?)record.Value);
                break;
            default:
                break;
        }
    }

    private static void ReplayMember(ConsumerGroup? group, string memberId, ConsumerGroupMemberMetadataValue? value)
    {
        if (value is null)
        {
            group?.Remove(memberId);
        }
        else
        {
            group!.Set((group.Find(memberId) ?? new ConsumerMember(memberId)).With(value));
        }
    }

    private static void ReplayCurrent(ConsumerGroup? group, string memberId, ConsumerGroupCurrentMemberAssignmentValue? value)
    {
        if (value is not null)
        {
            group!.Set((group.Find(memberId) ?? new ConsumerMember(memberId)).With(value));
        }
        else if (group?.Find(memberId) is { } member)
        {
            group.Set(member with
            {
                Epoch = ConsumerMember.LeftEpoch,
                PreviousEpoch = ConsumerMember.LeftEpoch,
                Assigned = PartitionSet.Empty,
                PendingRevocation = PartitionSet.Empty,
            });
        }
    }

    /// <summary>The group of a record; a tombstone makes none.</summary>
    private ConsumerGroup? ConsumerGroupFor(string groupId, CoordinatorRecord record)
        => record.Value is not null ? ConsumerGroupFor(groupId) : _groups.GetValueOrDefault(groupId) as ConsumerGroup;

    private ConsumerGroup ConsumerGroupFor(string groupId)
    {
        if (_groups.GetValueOrDefault(groupId) is ConsumerGroup group)
        {
            return group;
        }

        // What is there may be a group that only keeps offsets.
        if (_groups.GetValueOrDefault(groupId) is ClassicGroup classic)
        {
            CancelTimers(classic);
        }

        group = new ConsumerGroup(groupId);
        _groups[groupId] = group;
        return group;
    }
}
