using OrleansStream.Abstractions;
using OrleansStream.Gateway.Requests;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Gateway.Handlers;

/// <summary>
/// DescribeTopicPartitions, 0 (KIP-966): topics in the order of their names, in pages of a bounded number of partitions. The two lists of
/// eligible leaders are empty, never null: the controller does not publish them, and Kafka's Java admin client takes no null.
/// </summary>
internal sealed class DescribeTopicPartitionsHandler(BrokerGrains grains) : KafkaHandler<DescribeTopicPartitionsRequest>
{
    private const int MaxPartitions = 2000;

    /// <inheritdoc/>
    protected override async ValueTask<IKafkaMessage?> HandleAsync(DescribeTopicPartitionsRequest request, RequestContext context)
    {
        string[]? names = request.Topics.Count == 0 ? null : [.. request.Topics.Select(topic => topic.Name).Distinct(StringComparer.Ordinal)];
        var metadata = await grains.Cluster.GetMetadataAsync(new Abstractions.MetadataRequest(names, false), context.Aborted);
        var limit = Math.Clamp(request.ResponsePartitionLimit, 1, MaxPartitions);
        var response = new DescribeTopicPartitionsResponse();
        var cursor = request.Cursor;
        foreach (var topic in metadata.Topics.OrderBy(topic => topic.Name, StringComparer.Ordinal))
        {
            var order = cursor is null ? 1 : string.CompareOrdinal(topic.Name, cursor.TopicName);
            if (order < 0)
            {
                continue;
            }

            var first = order == 0 ? Math.Max(0, cursor!.PartitionIndex) : 0;
            var page = topic.Partitions.Skip(first).Take(limit).ToArray();
            if (limit == 0)
            {
                response.NextCursor = new() { TopicName = topic.Name, PartitionIndex = first };
                break;
            }

            response.Topics.Add(Topic(topic, page));
            limit -= page.Length;
            if (first + page.Length < topic.Partitions.Length)
            {
                response.NextCursor = new() { TopicName = topic.Name, PartitionIndex = first + page.Length };
                break;
            }
        }

        return response;
    }

    private static DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic Topic(TopicMetadata topic, PartitionMetadata[] page) => new()
    {
        ErrorCode = topic.Error,
        Name = topic.Name,
        TopicId = topic.TopicId,
        IsInternal = topic.IsInternal,
        TopicAuthorizedOperations = topic.Error == ErrorCode.None ? AuthorizedOperations.Topic : int.MinValue,
        Partitions =
        [
            .. page.Select(partition => new DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponsePartition
            {
                ErrorCode = partition.Error,
                PartitionIndex = partition.Partition,
                LeaderId = partition.Leader,
                LeaderEpoch = partition.LeaderEpoch,
                ReplicaNodes = [.. partition.Replicas],
                IsrNodes = [.. partition.Isr],
                EligibleLeaderReplicas = [],
                LastKnownElr = [],
                OfflineReplicas = [.. partition.OfflineReplicas],
            }),
        ],
    };
}
