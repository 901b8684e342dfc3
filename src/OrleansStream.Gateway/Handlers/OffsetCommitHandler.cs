using OrleansStream.Abstractions;
using OrleansStream.Gateway.Requests;
using OrleansStream.Protocol.Kafka;
using OffsetCommitRequest = OrleansStream.Protocol.Kafka.OffsetCommitRequest;
using OffsetCommitResponse = OrleansStream.Protocol.Kafka.OffsetCommitResponse;

namespace OrleansStream.Gateway.Handlers;

/// <summary>OffsetCommit, 1 to 9: answered when the offsets are durable.</summary>
internal sealed class OffsetCommitHandler(GroupCoordinators coordinators) : KafkaHandler<OffsetCommitRequest>
{
    private const short FirstOfConsumerProtocol = 9;

    /// <inheritdoc/>
    protected override async ValueTask<IKafkaMessage?> HandleAsync(OffsetCommitRequest request, RequestContext context)
    {
        var commit = new Abstractions.OffsetCommitRequest(
            request.GroupId,
            request.GenerationIdOrMemberEpoch,
            request.MemberId,
            request.GroupInstanceId,
            request.RetentionTimeMs,
            [
                .. request.Topics.Select(topic => new OffsetCommitTopic(
                    topic.Name,
                    [
                        .. topic.Partitions.Select(partition => new OffsetCommitPartition(
                            partition.PartitionIndex, partition.CommittedOffset, partition.CommittedLeaderEpoch, partition.CommittedMetadata)),
                    ])),
            ]);
        var committed = await coordinators.CallAsync(
            request.GroupId,
            coordinator => coordinator.CommitOffsetsAsync(commit, context.Aborted),
            response => response.Error,
            error => new Abstractions.OffsetCommitResponse(error, []),
            context.Aborted);
        var error = ErrorFor(committed.Error, context.Version);
        var response = new OffsetCommitResponse();
        for (var i = 0; i < request.Topics.Count; i++)
        {
            var topic = new OffsetCommitResponse.OffsetCommitResponseTopic { Name = request.Topics[i].Name };
            response.Topics.Add(topic);
            for (var j = 0; j < request.Topics[i].Partitions.Count; j++)
            {
                topic.Partitions.Add(new OffsetCommitResponse.OffsetCommitResponsePartition
                {
                    PartitionIndex = request.Topics[i].Partitions[j].PartitionIndex,
                    ErrorCode = error == ErrorCode.None ? committed.PartitionErrors[i][j] : error,
                });
            }
        }

        return response;
    }

    /// <summary>Errors that came with the consumer protocol (KIP-848) are not known to older clients.</summary>
    private static ErrorCode ErrorFor(ErrorCode error, short version) => error switch
    {
        ErrorCode.GroupIdNotFound when version < FirstOfConsumerProtocol => ErrorCode.IllegalGeneration,
        ErrorCode.StaleMemberEpoch when version < FirstOfConsumerProtocol => ErrorCode.UnsupportedVersion,
        _ => error,
    };
}
