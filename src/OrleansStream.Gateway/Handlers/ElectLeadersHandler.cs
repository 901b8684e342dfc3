using OrleansStream.Abstractions;
using OrleansStream.Gateway.Requests;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Gateway.Handlers;

/// <summary>
/// ElectLeaders, 0 to 2 (KIP-183, KIP-460), decided from the metadata of a cluster of one broker: there a partition is led by
/// its only replica, so nothing needs to be elected, or that replica is offline, so nothing can be.
/// </summary>
internal sealed class ElectLeadersHandler(BrokerGrains grains) : KafkaHandler<ElectLeadersRequest>
{
    private const sbyte Preferred = 0;
    private const sbyte Unclean = 1;

    /// <inheritdoc/>
    protected override async ValueTask<IKafkaMessage?> HandleAsync(ElectLeadersRequest request, RequestContext context)
    {
        if (request.ElectionType is not (Preferred or Unclean))
        {
            return new ElectLeadersResponse { ErrorCode = ErrorCode.InvalidRequest };
        }

        var asked = request.TopicPartitions;
        string[]? names = asked is null ? null : [.. asked.Select(topic => topic.Topic).Distinct(StringComparer.Ordinal)];
        var metadata = await grains.Cluster.GetMetadataAsync(new Abstractions.MetadataRequest(names, false), context.Aborted);
        var topics = metadata.Topics.ToDictionary(topic => topic.Name, StringComparer.Ordinal);
        var response = new ElectLeadersResponse();
        if (asked is null)
        {
            // All partitions: only those are told about that need an election.
            response.ReplicaElectionResults.AddRange(topics.Values
                .Select(topic => Results(topic.Name, topic.Partitions.Select(partition => partition.Partition), topics, request.ElectionType))
                .Select(WithoutNeedless)
                .Where(result => result.PartitionResult.Count > 0));
            return response;
        }

        response.ReplicaElectionResults.AddRange(asked.Select(topic => Results(topic.Topic, topic.Partitions, topics, request.ElectionType)));
        return response;
    }

    private static ElectLeadersResponse.ReplicaElectionResult WithoutNeedless(ElectLeadersResponse.ReplicaElectionResult result)
    {
        result.PartitionResult.RemoveAll(partition => partition.ErrorCode == ErrorCode.ElectionNotNeeded);
        return result;
    }

    private static ElectLeadersResponse.ReplicaElectionResult Results(
        string name,
        IEnumerable<int> partitions,
        Dictionary<string, TopicMetadata> topics,
        sbyte electionType) => new()
        {
            Topic = name,
            PartitionResult =
            [
                .. partitions.Select(partition =>
                {
                    var (error, message) = Decide(topics.GetValueOrDefault(name), partition, electionType);
                    return new ElectLeadersResponse.PartitionResultValue { PartitionId = partition, ErrorCode = error, ErrorMessage = message };
                }),
            ],
        };

    private static (ErrorCode Error, string Message) Decide(TopicMetadata? topic, int number, sbyte electionType)
    {
        var partition = topic?.Partitions.FirstOrDefault(candidate => candidate.Partition == number);
        if (partition is null)
        {
            return (ErrorCode.UnknownTopicOrPartition, $"There is no partition {number} of this topic.");
        }

        var preferred = partition.Replicas.FirstOrDefault(-1);
        if (electionType == Preferred)
        {
            return partition.Leader == preferred && preferred >= 0
                ? (ErrorCode.ElectionNotNeeded, $"The preferred replica {preferred} is the leader already.")
                : (ErrorCode.PreferredLeaderNotAvailable, $"The preferred replica {preferred} cannot lead now; the leader is {partition.Leader}.");
        }

        return partition.Leader >= 0
            ? (ErrorCode.ElectionNotNeeded, $"Broker {partition.Leader} is the leader.")
            : (ErrorCode.EligibleLeadersNotAvailable, $"None of the replicas {string.Join(", ", partition.Replicas)} is alive.");
    }
}
