using OrleansStream.Abstractions;
using OrleansStream.Protocol;
using ConsumerEmbeddedProtocol = OrleansStream.Protocol.Kafka.ConsumerEmbeddedProtocol;

namespace OrleansStream.Client;

/// <content>Consumer groups, through their coordinators.</content>
internal sealed partial class AdminClient
{
    private const string OffsetsTopic = "__consumer_offsets";

    /// <inheritdoc/>
    public async Task<IReadOnlyList<GroupOverview>> ListGroupsAsync(
        IEnumerable<string>? states = null,
        IEnumerable<string>? types = null,
        CancellationToken cancellationToken = default)
    {
        var request = new ListGroupsRequest([.. states ?? []], [.. types ?? []]);
        var cluster = await GetMetadataAsync([OffsetsTopic], cancellationToken).ConfigureAwait(false);
        var topic = Array.Find(cluster.Topics, candidate => candidate.Name == OffsetsTopic);
        if (topic is null || topic.Error == ErrorCode.UnknownTopicOrPartition)
        {
            // Made with the first group.
            return [];
        }

        var listed = await Task.WhenAll(topic.Partitions.Select(partition => ListGroupsAsync(partition, request, cancellationToken))).ConfigureAwait(false);
        return [.. listed.SelectMany(groups => groups).OrderBy(group => group.GroupId, StringComparer.Ordinal)];
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<GroupInfo>> DescribeGroupsAsync(IEnumerable<string> groupIds, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(groupIds);
        return await Task.WhenAll(groupIds.Select(group => DescribeGroupAsync(group, cancellationToken))).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<GroupResult>> DeleteGroupsAsync(IEnumerable<string> groupIds, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(groupIds);
        return await Task.WhenAll(groupIds.Select(async group =>
        {
            var errors = await CoordinatorOf(group).CallAsync(
                (grain, token) => grain.DeleteGroupsAsync([group], token),
                static errors => errors[0],
                context.Options.RequestTimeout,
                cancellationToken).ConfigureAwait(false);
            return new GroupResult(group, errors[0]);
        })).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<TopicPartition, CommittedOffset>> ListGroupOffsetsAsync(
        string groupId,
        IEnumerable<TopicPartition>? partitions = null,
        bool requireStable = false,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(groupId);
        return await CoordinatorOf(groupId).FetchOffsetsAsync(
            groupId,
            partitions is null ? null : [.. partitions],
            requireStable,
            context.Options.RequestTimeout,
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<TopicPartition, ErrorCode>> AlterGroupOffsetsAsync(
        string groupId,
        IReadOnlyDictionary<TopicPartition, CommittedOffset> offsets,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(groupId);
        ArgumentNullException.ThrowIfNull(offsets);
        var topics = offsets.Keys.ToTopics();
        var request = new OffsetCommitRequest(
            groupId,
            GenerationIdOrMemberEpoch: -1,
            MemberId: string.Empty,
            GroupInstanceId: null,
            RetentionTimeMs: -1,
            Array.ConvertAll(topics, topic => new OffsetCommitTopic(topic.Topic, Array.ConvertAll(topic.Partitions, partition =>
            {
                var offset = offsets[new TopicPartition(topic.Topic, partition)];
                return new OffsetCommitPartition(partition, offset.Offset, offset.LeaderEpoch, offset.Metadata);
            }))));
        var answer = await CoordinatorOf(groupId).CallAsync(
            (grain, token) => grain.CommitOffsetsAsync(request, token),
            static answer => answer.Error != ErrorCode.None ? answer.Error : FirstThatMayPass(answer.PartitionErrors),
            context.Options.RequestTimeout,
            cancellationToken).ConfigureAwait(false);
        return ByPartition(topics, answer.Error, answer.PartitionErrors);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<TopicPartition, ErrorCode>> DeleteGroupOffsetsAsync(
        string groupId,
        IEnumerable<TopicPartition> partitions,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(groupId);
        ArgumentNullException.ThrowIfNull(partitions);
        var topics = partitions.Distinct().ToTopics();
        var answer = await CoordinatorOf(groupId).CallAsync(
            (grain, token) => grain.DeleteOffsetsAsync(new OffsetDeleteRequest(groupId, topics), token),
            static answer => answer.Error,
            context.Options.RequestTimeout,
            cancellationToken).ConfigureAwait(false);
        return ByPartition(topics, answer.Error, answer.PartitionErrors);
    }

    private static Dictionary<TopicPartition, ErrorCode> ByPartition(TopicPartitions[] topics, ErrorCode whole, ErrorCode[][] errors)
        => topics.SelectMany((topic, index) => topic.Partitions.Select((partition, place) => (
                Partition: new TopicPartition(topic.Topic, partition),
                Error: whole != ErrorCode.None ? whole : errors.Length > index ? errors[index][place] : ErrorCode.None)))
            .ToDictionary(entry => entry.Partition, entry => entry.Error);

    // An unknown partition stays unknown; only the coordinator's own state passes.
    private static ErrorCode FirstThatMayPass(ErrorCode[][] errors)
        => errors.SelectMany(ofTopic => ofTopic).FirstOrDefault(error => error.MayRetry() && error != ErrorCode.UnknownTopicOrPartition);

    private static GroupMemberInfo ToMember(string protocolType, GroupMemberDescription member)
    {
        IReadOnlyList<TopicPartition> claims = [];
        if (protocolType == ConsumerEmbeddedProtocol.ProtocolType)
        {
            try
            {
                claims = [.. ConsumerProtocol.ReadAssignment(member.Assignment).Order()];
            }
            catch (ProtocolException)
            {
                // Some other client's own format: the member is shown without claims.
            }
        }

        return new GroupMemberInfo(member.MemberId, member.GroupInstanceId, member.ClientId, member.ClientHost, claims);
    }

    private CoordinatorCalls CoordinatorOf(string groupId) => new(context, groupId);

    private async Task<IEnumerable<GroupOverview>> ListGroupsAsync(PartitionMetadata partition, ListGroupsRequest request, CancellationToken cancellationToken)
    {
        var topicPartition = new TopicPartition(OffsetsTopic, partition.Partition);
        var started = context.Time.GetTimestamp();
        var backoff = new RetryBackoff(TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(1));
        var leader = partition.Leader;
        while (true)
        {
            var error = ErrorCode.CoordinatorNotAvailable;
            if (leader >= 0)
            {
                var answer = await context.CallAsync(
                    factory => factory.GetGrain<IGroupCoordinatorGrain>(new GroupCoordinatorKey(partition.Partition, leader).ToString()),
                    (grain, token) => grain.ListGroupsAsync(request, token),
                    isRepeatable: true,
                    cancellationToken).ConfigureAwait(false);
                if (answer.Error == ErrorCode.None)
                {
                    return answer.Groups.Select(group => new GroupOverview(group.GroupId, group.Type, group.State, group.ProtocolType));
                }

                error = answer.Error;
            }

            var pause = backoff.Next();
            if (!error.MayRetry() || context.Time.GetElapsedTime(started) + pause >= context.Options.RequestTimeout)
            {
                throw new OrleansStreamException(error, $"The groups of {topicPartition} cannot be listed: {error.WireName()}.");
            }

            await Task.Delay(pause, context.Time, cancellationToken).ConfigureAwait(false);
            var entry = await context.Metadata.RefreshAsync(OffsetsTopic, -1, false, cancellationToken).ConfigureAwait(false);
            leader = entry.Partition(partition.Partition)?.Leader ?? -1;
        }
    }

    private async Task<GroupInfo> DescribeGroupAsync(string group, CancellationToken cancellationToken)
    {
        var coordinator = CoordinatorOf(group);
        var classic = await coordinator.CallAsync(
            async (grain, token) => (await grain.DescribeGroupsAsync([group], token).ConfigureAwait(false))[0],
            static description => description.Error,
            context.Options.RequestTimeout,
            cancellationToken).ConfigureAwait(false);
        var broker = (await coordinator.LocateAsync(cancellationToken).ConfigureAwait(false)).BrokerId;
        if (classic is { Error: ErrorCode.None, State: not "Dead" })
        {
            return new GroupInfo
            {
                GroupId = group,
                Type = "classic",
                State = classic.State,
                Assignor = classic.ProtocolName,
                GenerationId = classic.GenerationId,
                CoordinatorId = broker,
                Members = [.. classic.Members.Select(member => ToMember(classic.ProtocolType, member)).OrderBy(member => member.MemberId, StringComparer.Ordinal)],
            };
        }

        var modern = await coordinator.CallAsync(
            async (grain, token) => (await grain.DescribeConsumerGroupsAsync([group], token).ConfigureAwait(false))[0],
            static description => description.Error,
            context.Options.RequestTimeout,
            cancellationToken).ConfigureAwait(false);
        if (modern.Error != ErrorCode.None)
        {
            var isGone = classic.Error is ErrorCode.None or ErrorCode.GroupIdNotFound;
            return new GroupInfo { GroupId = group, Error = isGone ? ErrorCode.GroupIdNotFound : classic.Error, State = "Dead", CoordinatorId = broker };
        }

        return new GroupInfo
        {
            GroupId = group,
            Type = "consumer",
            State = modern.State,
            Assignor = modern.AssignorName,
            GenerationId = modern.GroupEpoch,
            CoordinatorId = broker,
            Members =
            [
                .. modern.Members.OrderBy(member => member.MemberId, StringComparer.Ordinal).Select(member => new GroupMemberInfo(
                    member.MemberId,
                    member.InstanceId,
                    member.ClientId,
                    member.ClientHost,
                    [.. member.Assignment.SelectMany(topic => topic.Partitions.Select(partition => new TopicPartition(topic.TopicName, partition))).Order()])),
            ],
        };
    }
}
