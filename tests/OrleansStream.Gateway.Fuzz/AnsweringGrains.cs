using System.Reflection;
using Orleans;
using OrleansStream.Abstractions;

namespace OrleansStream.Gateway.Fuzz;

/// <summary>
/// Grains that answer everything at once, with as much as was asked for and no more. Made by a proxy, because Orleans'
/// factory has more members than anybody wants to write out.
/// </summary>
internal class AnsweringGrains : DispatchProxy
{
    private static readonly PartitionGrain Partition = new();
    private static readonly BrokerGrain Broker = new();
    private static readonly ClusterGrain Cluster = new();
    private static readonly AnsweringGroupCoordinator Coordinator = new();

    public static IGrainFactory Create() => Create<IGrainFactory, AnsweringGrains>();

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        var type = targetMethod!.GetGenericArguments().Single();
        return type == typeof(IPartitionGrain) ? Partition
            : type == typeof(IBrokerGrain) ? Broker
            : type == typeof(IClusterGrain) ? Cluster
            : type == typeof(IGroupCoordinatorGrain) ? Coordinator
            : throw new NotSupportedException(type.Name);
    }

    private sealed class PartitionGrain : IPartitionGrain
    {
        public Task<PartitionProduceResponse> ProduceAsync(PartitionProduceRequest request, CancellationToken cancellationToken)
            => Task.FromResult(new PartitionProduceResponse(ErrorCode.None, null, request.Records.Length, -1, 0, 1));

        public Task<PartitionReadResponse> ReadAsync(PartitionReadRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<ListOffsetResponse> ListOffsetAsync(ListOffsetRequest request, CancellationToken cancellationToken)
            => Task.FromResult(new ListOffsetResponse(ErrorCode.None, 1, request.Timestamp, 1));

        public Task<OffsetForLeaderEpochResponse> OffsetForLeaderEpochAsync(OffsetForLeaderEpochRequest request, CancellationToken cancellationToken)
            => Task.FromResult(new OffsetForLeaderEpochResponse(ErrorCode.None, request.LeaderEpoch, 1));

        public Task<DeleteRecordsResponse> DeleteRecordsAsync(long beforeOffset, CancellationToken cancellationToken)
            => Task.FromResult(new DeleteRecordsResponse(ErrorCode.None, beforeOffset));

        public Task<PartitionDescription> DescribeAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<DescribeProducersResponse> DescribeProducersAsync(CancellationToken cancellationToken)
            => Task.FromResult(new DescribeProducersResponse(ErrorCode.None, null, [new ProducerDescription(1, 2, 3, 4)]));

        public Task<ErrorCode> LeaderAndIsrAsync(LeaderAndIsrPartition state, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<ErrorCode> StopReplicaAsync(bool deletePartition, int leaderEpoch, CancellationToken cancellationToken) => throw new NotSupportedException();
    }

    private sealed class BrokerGrain : IBrokerGrain
    {
        private static readonly byte[] Records = new byte[100];

        public Task<FetchResponse> FetchAsync(FetchRequest request, CancellationToken cancellationToken)
            => Task.FromResult(new FetchResponse(Array.ConvertAll(request.Partitions, Read)));

        public Task<LeaderAndIsrResponse> LeaderAndIsrAsync(LeaderAndIsrRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<ReplicaFetchResponse> FetchAsReplicaAsync(ReplicaFetchRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<ConfigDescription> DescribeConfigAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task ReportFlushedAsync(ReplicaFlushReport report, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<LeaderAndIsrResponse> StopReplicaAsync(StopReplicaRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<ErrorCode> UpdateMetadataAsync(UpdateMetadataRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<PartitionDescription[]> DescribeReplicasAsync(string[]? topics, CancellationToken cancellationToken) => throw new NotSupportedException();

        public async Task<ListenerSettings> GetListenerSettingsAsync(long knownVersion, CancellationToken cancellationToken)
        {
            if (knownVersion == 1)
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }

            return new ListenerSettings(1, [], int.MaxValue, int.MaxValue);
        }

        private static PartitionReadResponse Read(FetchPartition partition)
            => new(ErrorCode.None, null, partition.Offset, partition.Offset, 0, 1, partition.Partition % 2 == 0 ? Records : default);
    }

    private sealed class ClusterGrain : IClusterGrain
    {
        private static readonly Guid Id = new("11111111-2222-3333-4444-555555555555");

        public Task<ClusterMetadata> GetMetadataAsync(MetadataRequest request, CancellationToken cancellationToken)
            => Task.FromResult(new ClusterMetadata(
                "fuzz", 1, [new BrokerMetadata(1, "localhost", 9092, 30000, null, 1)], Array.ConvertAll(request.Topics ?? ["one", "two"], Topic)));

        public Task<TopicResult[]> CreateTopicsAsync(CreateTopicsRequest request, CancellationToken cancellationToken)
            => Task.FromResult(Array.ConvertAll(request.Topics, topic => Done(topic.Name)));

        public Task<TopicResult[]> DeleteTopicsAsync(string[] topics, int timeoutMs, CancellationToken cancellationToken)
            => Task.FromResult(Array.ConvertAll(topics, Done));

        public Task<ElectLeadersResponse> ElectLeadersAsync(bool isUnclean, TopicPartitions[]? topics, int timeoutMs, CancellationToken cancellationToken)
            => Task.FromResult(new ElectLeadersResponse(
                ErrorCode.None, [.. TopicPartitions.Flatten(topics ?? []).Select(partition => new PartitionOutcome(partition.Topic, partition.Partition, ErrorCode.ElectionNotNeeded, null))]));

        public Task<PartitionOutcome[]> AlterPartitionReassignmentsAsync(PartitionReassignment[] reassignments, CancellationToken cancellationToken)
            => Task.FromResult(Array.ConvertAll(reassignments, wanted => new PartitionOutcome(wanted.Topic, wanted.Partition, ErrorCode.None, null)));

        public Task<OngoingReassignment[]> ListPartitionReassignmentsAsync(TopicPartitions[]? topics, CancellationToken cancellationToken)
            => Task.FromResult<OngoingReassignment[]>([]);

        public Task<TopicResult> CreatePartitionsAsync(string topic, int totalCount, int[][]? assignments, bool validateOnly, int timeoutMs, CancellationToken cancellationToken)
            => Task.FromResult(Done(topic));

        public Task<ConfigDescription[]> DescribeConfigsAsync(ConfigResource[] resources, CancellationToken cancellationToken)
            => Task.FromResult(Array.ConvertAll(resources, resource => new ConfigDescription(
                resource,
                ErrorCode.None,
                null,
                [new ConfigEntry("retention.ms", "1", ConfigSource.DynamicTopicConfig, false, false, ConfigValueType.Long, "documentation")])));

        public Task<TopicResult[]> AlterConfigsAsync(ConfigAlteration[] alterations, bool validateOnly, CancellationToken cancellationToken)
            => Task.FromResult(Array.ConvertAll(alterations, alteration => Done(alteration.Resource.Name)));

        public Task<DescribeQuotasResponse> DescribeClientQuotasAsync(QuotaFilterPart[] filter, bool isStrict, CancellationToken cancellationToken)
            => Task.FromResult(new DescribeQuotasResponse(
                ErrorCode.None, null, Array.ConvertAll(filter, part => new ClientQuota([new QuotaEntityPart(part.Type, part.Name)], [new QuotaValue("producer_byte_rate", 1)]))));

        public Task<QuotaAlterationResult[]> AlterClientQuotasAsync(QuotaAlteration[] alterations, bool validateOnly, CancellationToken cancellationToken)
            => Task.FromResult(Array.ConvertAll(alterations, alteration => new QuotaAlterationResult(alteration.Entity, ErrorCode.None, null)));

        public Task<InitProducerIdResponse> InitProducerIdAsync(InitProducerIdRequest request, CancellationToken cancellationToken)
            => Task.FromResult(new InitProducerIdResponse(ErrorCode.None, null, 1, 0));

        public Task<CoordinatorLocation[]> FindCoordinatorAsync(string[] groupIds, CancellationToken cancellationToken)
            => Task.FromResult(Array.ConvertAll(groupIds, group => new CoordinatorLocation(group, ErrorCode.None, null, 0, 1, "localhost", 9092)));

        private static TopicResult Done(string name) => new(name, Id, ErrorCode.None, null);

        private static TopicMetadata Topic(string name) => new(
            ErrorCode.None, name, Id, false, [new PartitionMetadata(ErrorCode.None, 0, 1, 1, [1], [1], []), new PartitionMetadata(ErrorCode.None, 1, 1, 1, [1], [1], [])]);
    }
}
