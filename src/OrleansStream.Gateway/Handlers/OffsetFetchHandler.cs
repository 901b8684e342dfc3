using OrleansStream.Abstractions;
using OrleansStream.Gateway.Requests;
using OrleansStream.Protocol.Kafka;
using OffsetFetchRequest = OrleansStream.Protocol.Kafka.OffsetFetchRequest;
using OffsetFetchResponse = OrleansStream.Protocol.Kafka.OffsetFetchResponse;

namespace OrleansStream.Gateway.Handlers;

/// <summary>OffsetFetch, 1 to 9: one group before version 8, several since.</summary>
internal sealed class OffsetFetchHandler(GroupCoordinators coordinators) : KafkaHandler<OffsetFetchRequest>
{
    private const short FirstWithGroupError = 2;
    private const short FirstWithSeveralGroups = 8;

    /// <inheritdoc/>
    protected override async ValueTask<IKafkaMessage?> HandleAsync(OffsetFetchRequest request, RequestContext context)
    {
        if (context.Version < FirstWithSeveralGroups)
        {
            var topics = request.Topics?.Select(topic => new TopicPartitions(topic.Name, [.. topic.PartitionIndexes])).ToArray();
            return OfOneGroup(await FetchAsync(new(request.GroupId, null, -1, topics, request.RequireStable), context.Aborted), topics, context.Version);
        }

        var fetched = await Task.WhenAll(request.Groups.Select(group => FetchAsync(
            new(
                group.GroupId,
                group.MemberId,
                group.MemberEpoch,
                group.Topics?.Select(topic => new TopicPartitions(topic.Name, [.. topic.PartitionIndexes])).ToArray(),
                request.RequireStable),
            context.Aborted)));
        var response = new OffsetFetchResponse();
        response.Groups.AddRange(request.Groups.Zip(fetched, (group, outcome) => new OffsetFetchResponse.OffsetFetchResponseGroup
        {
            GroupId = group.GroupId,
            ErrorCode = outcome.Error,
            Topics = [.. outcome.Topics.Select(TopicOf)],
        }));
        return response;
    }

    private async Task<Abstractions.OffsetFetchResponse> FetchAsync(Abstractions.OffsetFetchRequest request, CancellationToken cancellationToken)
    {
        var fetched = await coordinators.CallAsync(
            request.GroupId,
            coordinator => coordinator.FetchOffsetsAsync(request, cancellationToken),
            response => response.Error,
            error => new Abstractions.OffsetFetchResponse(error, []),
            cancellationToken);

        // Older Java clients of Kafka take COORDINATOR_NOT_AVAILABLE for final here and end; at NOT_COORDINATOR all try again.
        return fetched.Error == ErrorCode.CoordinatorNotAvailable ? fetched with { Error = ErrorCode.NotCoordinator } : fetched;
    }

    private static OffsetFetchResponse OfOneGroup(Abstractions.OffsetFetchResponse outcome, TopicPartitions[]? asked, short version)
    {
        var response = new OffsetFetchResponse { ErrorCode = outcome.Error };
        var topics = outcome.Topics;
        if (outcome.Error != ErrorCode.None && version < FirstWithGroupError)
        {
            // There is no other place for the error.
            topics = [.. (asked ?? []).Select(topic => new OffsetFetchTopic(
                topic.Topic, [.. topic.Partitions.Select(partition => new FetchedOffset(partition, outcome.Error, -1, -1, string.Empty))]))];
        }

        response.Topics.AddRange(topics.Select(topic => new OffsetFetchResponse.OffsetFetchResponseTopic
        {
            Name = topic.Topic,
            Partitions =
            [
                .. topic.Partitions.Select(partition => new OffsetFetchResponse.OffsetFetchResponsePartition
                {
                    PartitionIndex = partition.Partition,
                    CommittedOffset = partition.Offset,
                    CommittedLeaderEpoch = partition.LeaderEpoch,
                    Metadata = partition.Metadata,
                    ErrorCode = partition.Error,
                }),
            ],
        }));
        return response;
    }

    private static OffsetFetchResponse.OffsetFetchResponseTopics TopicOf(OffsetFetchTopic topic) => new()
    {
        Name = topic.Topic,
        Partitions =
        [
            .. topic.Partitions.Select(partition => new OffsetFetchResponse.OffsetFetchResponsePartitions
            {
                PartitionIndex = partition.Partition,
                CommittedOffset = partition.Offset,
                CommittedLeaderEpoch = partition.LeaderEpoch,
                Metadata = partition.Metadata,
                ErrorCode = partition.Error,
            }),
        ],
    };
}
