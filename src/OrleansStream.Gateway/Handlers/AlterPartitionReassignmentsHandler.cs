using OrleansStream.Abstractions;
using OrleansStream.Gateway.Requests;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Gateway.Handlers;

/// <summary>
/// AlterPartitionReassignments, 0 (KIP-455). Replicas do not move between brokers yet: what names the present replicas is
/// done at once, anything else is refused.
/// </summary>
internal sealed class AlterPartitionReassignmentsHandler(BrokerGrains grains) : KafkaHandler<AlterPartitionReassignmentsRequest>
{
    /// <inheritdoc/>
    protected override async ValueTask<IKafkaMessage?> HandleAsync(AlterPartitionReassignmentsRequest request, RequestContext context)
    {
        string[] names = [.. request.Topics.Select(topic => topic.Name).Distinct(StringComparer.Ordinal)];
        var metadata = await grains.Cluster.GetMetadataAsync(new Abstractions.MetadataRequest(names, false), context.Aborted);
        var topics = metadata.Topics.ToDictionary(topic => topic.Name, StringComparer.Ordinal);
        var brokers = metadata.Brokers.Select(broker => broker.BrokerId).ToHashSet();
        var response = new AlterPartitionReassignmentsResponse();
        response.Responses.AddRange(request.Topics.Select(topic => new AlterPartitionReassignmentsResponse.ReassignableTopicResponse
        {
            Name = topic.Name,
            Partitions =
            [
                .. topic.Partitions.Select(partition =>
                {
                    var present = topics.GetValueOrDefault(topic.Name)?.Partitions.FirstOrDefault(candidate => candidate.Partition == partition.PartitionIndex);
                    var (error, message) = Decide(present, partition, brokers);
                    return new AlterPartitionReassignmentsResponse.ReassignablePartitionResponse
                    {
                        PartitionIndex = partition.PartitionIndex,
                        ErrorCode = error,
                        ErrorMessage = message,
                    };
                }),
            ],
        }));
        return response;
    }

    private static (ErrorCode Error, string? Message) Decide(
        PartitionMetadata? present,
        AlterPartitionReassignmentsRequest.ReassignablePartition wanted,
        HashSet<int> brokers)
    {
        if (present is null)
        {
            return (ErrorCode.UnknownTopicOrPartition, $"There is no partition {wanted.PartitionIndex} of this topic.");
        }

        if (wanted.Replicas is not { } replicas)
        {
            return (ErrorCode.NoReassignmentInProgress, "No reassignment of this partition is under way.");
        }

        if (replicas.Count == 0 || replicas.Distinct().Count() != replicas.Count)
        {
            return (ErrorCode.InvalidReplicaAssignment, $"The replicas are [{string.Join(", ", replicas)}]; there must be at least one, and each broker once.");
        }

        if (replicas.FindIndex(replica => !brokers.Contains(replica)) is var unknown and >= 0)
        {
            return (ErrorCode.InvalidReplicaAssignment, $"The replicas are [{string.Join(", ", replicas)}], but there is no broker {replicas[unknown]}.");
        }

        return replicas.SequenceEqual(present.Replicas)
            ? (ErrorCode.None, null)
            : (ErrorCode.InvalidReplicaAssignment, $"The replicas are [{string.Join(", ", present.Replicas)}] and cannot be moved to [{string.Join(", ", replicas)}] yet.");
    }
}
