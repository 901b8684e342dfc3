using OrleansStream.Core.Groups.Classic;
using OrleansStream.Core.Groups.Records;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Core.Groups;

/// <content>Offsets.</content>
public sealed partial class GroupCoordinator
{
    private const long NoOffset = -1;
    private const long DefaultRetention = -1;

    private static readonly GroupTimer ExpiryTimer = new(GroupTimerKind.OffsetExpiry, string.Empty, string.Empty);

    private readonly Dictionary<string, GroupOffsets> _offsets = new(StringComparer.Ordinal);

    /// <summary>Stores offsets. A response without topics has the same error for all of them.</summary>
    public GroupEffects CommitOffsets(long ticket, OffsetCommitRequest request, CoordinatorTime now, out ErrorCode error)
    {
        ArgumentNullException.ThrowIfNull(request);
        var response = new OffsetCommitResponse();
        error = ValidateCommit(request, now);
        if (error == ErrorCode.None)
        {
            foreach (var topic in request.Topics)
            {
                var result = new OffsetCommitResponse.OffsetCommitResponseTopic { Name = topic.Name };
                response.Topics.Add(result);
                foreach (var partition in topic.Partitions)
                {
                    result.Partitions.Add(new OffsetCommitResponse.OffsetCommitResponsePartition
                    {
                        PartitionIndex = partition.PartitionIndex,
                        ErrorCode = CommitOffset(request, topic.Name, partition, now),
                    });
                }
            }
        }

        Answer(ticket, response);
        return TakeEffects();
    }

    /// <summary>Reads offsets of one group; null topics stand for all that have one.</summary>
    public GroupEffects FetchOffsets(long ticket, OffsetFetchRequest.OffsetFetchRequestGroup request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var response = new OffsetFetchResponse();
        var group = new OffsetFetchResponse.OffsetFetchResponseGroup { GroupId = request.GroupId };
        response.Groups.Add(group);
        group.ErrorCode = _groups.GetValueOrDefault(request.GroupId)?.ValidateFetch(request.MemberId, request.MemberEpoch) ?? ErrorCode.None;
        if (group.ErrorCode == ErrorCode.None)
        {
            var offsets = _offsets.GetValueOrDefault(request.GroupId);
            group.Topics.AddRange(request.Topics is { } topics
                ? topics.Select(topic => Fetched(topic.Name, topic.PartitionIndexes, offsets))
                : offsets?.Topics.OrderBy(topic => topic.Key, StringComparer.Ordinal).Select(topic => Fetched(topic.Key, topic.Value.Keys.Order(), offsets)) ?? []);
        }

        Answer(ticket, response);
        return TakeEffects();
    }

    /// <summary>Deletes offsets of topics that nobody in the group consumes (KIP-496).</summary>
    public GroupEffects DeleteOffsets(long ticket, OffsetDeleteRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var response = new OffsetDeleteResponse();
        var group = _groups.GetValueOrDefault(request.GroupId);
        response.ErrorCode = request.GroupId.Length == 0 ? ErrorCode.InvalidGroupId : group?.ValidateOffsetDelete() ?? ErrorCode.GroupIdNotFound;
        if (response.ErrorCode == ErrorCode.None)
        {
            foreach (var topic in request.Topics)
            {
                var isSubscribed = group!.IsSubscribedTo(topic.Name);
                var result = new OffsetDeleteResponse.OffsetDeleteResponseTopic { Name = topic.Name };
                response.Topics.Add(result);
                foreach (var partition in topic.Partitions)
                {
                    if (!isSubscribed && FindOffset(request.GroupId, topic.Name, partition.PartitionIndex) is not null)
                    {
                        EmitOffsetTombstone(request.GroupId, topic.Name, partition.PartitionIndex);
                    }

                    result.Partitions.Add(new OffsetDeleteResponse.OffsetDeleteResponsePartition
                    {
                        PartitionIndex = partition.PartitionIndex,
                        ErrorCode = isSubscribed ? ErrorCode.GroupSubscribedToTopic : ErrorCode.None,
                    });
                }
            }
        }

        Answer(ticket, response);
        return TakeEffects();
    }

    /// <summary>Topics were deleted: their offsets mean nothing any more.</summary>
    public GroupEffects OnTopicsDeleted(IReadOnlySet<string> topics)
    {
        ArgumentNullException.ThrowIfNull(topics);
        foreach (var (groupId, offsets) in _offsets.OrderBy(pair => pair.Key, StringComparer.Ordinal).ToList())
        {
            foreach (var topic in offsets.Topics.Keys.Where(topics.Contains).Order(StringComparer.Ordinal).ToList())
            {
                foreach (var partition in offsets.Topics[topic].Keys.Order().ToList())
                {
                    EmitOffsetTombstone(groupId, topic, partition);
                }
            }
        }

        return TakeEffects() with { MayBeParted = true };
    }

    /// <summary>The topics that offsets are stored for.</summary>
    public IReadOnlySet<string> TopicsWithOffsets()
        => _offsets.Values.SelectMany(offsets => offsets.Topics.Keys).ToHashSet(StringComparer.Ordinal);

    private ErrorCode ValidateCommit(OffsetCommitRequest request, CoordinatorTime now)
    {
        if (!_groups.TryGetValue(request.GroupId, out var group))
        {
            // A tool, or a consumer that assigns partitions to itself, makes a group by committing.
            return request.GenerationIdOrMemberEpoch < 0 ? ErrorCode.None : ErrorCode.GroupIdNotFound;
        }

        var error = group.ValidateCommit(request.MemberId, request.GroupInstanceId, request.GenerationIdOrMemberEpoch);
        if (error == ErrorCode.None
            && group is ClassicGroup { State: ClassicGroupState.Stable or ClassicGroupState.PreparingRebalance } classic
            && classic.Find(request.MemberId) is { } member)
        {
            ScheduleSession(classic, member, member.SessionTimeoutMs, now);
        }

        return error;
    }

    private ErrorCode CommitOffset(
        OffsetCommitRequest request, string topic, OffsetCommitRequest.OffsetCommitRequestPartition partition, CoordinatorTime now)
    {
        if (partition.CommittedMetadata is { } metadata && metadata.Length > _settings.OffsetMetadataMaxSize)
        {
            return ErrorCode.OffsetMetadataTooLarge;
        }

        Emit(new CoordinatorRecord(
            new OffsetCommitKey { Group = request.GroupId, Topic = topic, Partition = partition.PartitionIndex },
            new OffsetCommitValue
            {
                Offset = partition.CommittedOffset,
                LeaderEpoch = partition.CommittedLeaderEpoch,
                Metadata = partition.CommittedMetadata ?? string.Empty,
                CommitTimestamp = now.WallMs,
                ExpireTimestamp = request.RetentionTimeMs == DefaultRetention ? -1 : now.WallMs + request.RetentionTimeMs,
            }));
        return ErrorCode.None;
    }

    private static OffsetFetchResponse.OffsetFetchResponseTopics Fetched(string topic, IEnumerable<int> partitions, GroupOffsets? offsets)
    {
        var result = new OffsetFetchResponse.OffsetFetchResponseTopics { Name = topic };
        result.Partitions.AddRange(partitions.Select(partition =>
        {
            var offset = offsets?.Find(topic, partition);
            return new OffsetFetchResponse.OffsetFetchResponsePartitions
            {
                PartitionIndex = partition,
                CommittedOffset = offset?.Offset ?? NoOffset,
                CommittedLeaderEpoch = offset?.LeaderEpoch ?? -1,
                Metadata = offset?.Metadata ?? string.Empty,
            };
        }));
        return result;
    }

    private CommittedOffset? FindOffset(string groupId, string topic, int partition)
        => _offsets.GetValueOrDefault(groupId)?.Find(topic, partition);

    private void EmitOffsetTombstone(string groupId, string topic, int partition)
        => Emit(new CoordinatorRecord(new OffsetCommitKey { Group = groupId, Topic = topic, Partition = partition }, null));

    private void ReplayOffset(OffsetCommitKey key, OffsetCommitValue? value)
    {
        if (value is null)
        {
            if (_offsets.TryGetValue(key.Group, out var from))
            {
                from.Remove(key.Topic, key.Partition);
                if (from.Topics.Count == 0)
                {
                    _offsets.Remove(key.Group);
                }
            }

            return;
        }

        if (!_groups.ContainsKey(key.Group))
        {
            _groups.Add(key.Group, new ClassicGroup(key.Group));
        }

        if (!_offsets.TryGetValue(key.Group, out var offsets))
        {
            _offsets.Add(key.Group, offsets = new GroupOffsets());
        }

        offsets.Set(key.Topic, key.Partition, new CommittedOffset(
            value.Offset, value.LeaderEpoch, value.Metadata, value.CommitTimestamp, value.ExpireTimestamp));
    }

    private void ExpireOffsets(CoordinatorTime now)
    {
        foreach (var group in _groups.Values.OrderBy(group => group.GroupId, StringComparer.Ordinal).ToList())
        {
            if (!_offsets.TryGetValue(group.GroupId, out var offsets) || ExpireOffsets(group, offsets, now))
            {
                DeleteIfEmpty(group);
            }
        }
    }

    /// <returns>Whether none is left.</returns>
    private bool ExpireOffsets(Group group, GroupOffsets offsets, CoordinatorTime now)
    {
        var areAllGone = true;
        foreach (var topic in offsets.Topics.Keys.Order(StringComparer.Ordinal).ToList())
        {
            if (group.IsSubscribedTo(topic))
            {
                areAllGone = false;
                continue;
            }

            foreach (var (partition, offset) in offsets.Topics[topic].OrderBy(pair => pair.Key).ToList())
            {
                if (IsExpired(group, offset, now))
                {
                    EmitOffsetTombstone(group.GroupId, topic, partition);
                }
                else
                {
                    areAllGone = false;
                }
            }
        }

        return areAllGone;
    }

    private bool IsExpired(Group group, in CommittedOffset offset, CoordinatorTime now)
        => group.RetentionStart(offset.CommitTimestampMs) is { } start
            && (offset.ExpireTimestampMs >= 0
                ? now.WallMs >= offset.ExpireTimestampMs
                : now.WallMs - start >= _settings.OffsetsRetentionMs);

    private void DeleteIfEmpty(Group group)
    {
        if (group.IsEmpty && group is not ClassicGroup { PendingJoins.Count: > 0 })
        {
            EmitGroupTombstones(group);
        }
    }
}
