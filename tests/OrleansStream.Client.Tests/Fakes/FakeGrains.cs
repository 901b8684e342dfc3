using OrleansStream.Abstractions;

namespace OrleansStream.Client.Tests;

internal sealed class FakePartitionGrain(FakeCluster cluster, PartitionGrainKey key) : IPartitionGrain
{
    public Task<PartitionProduceResponse> ProduceAsync(PartitionProduceRequest request, CancellationToken cancellationToken)
    {
        if (cluster.Find(key.TopicPartition) is not { } partition)
        {
            return Task.FromResult(new PartitionProduceResponse(ErrorCode.UnknownTopicOrPartition, "no such partition", -1, -1, -1, -1));
        }

        var produce = new FakeProduce(partition, key.BrokerId, request);
        cluster.Produces.Enqueue(produce);
        return cluster.OnProduce(produce);
    }

    public Task<PartitionReadResponse> ReadAsync(PartitionReadRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<ListOffsetResponse> ListOffsetAsync(ListOffsetRequest request, CancellationToken cancellationToken)
        => Task.FromResult(cluster.Find(key.TopicPartition) is { } partition && partition.Leader == key.BrokerId
            ? partition.ListOffset(request.Timestamp)
            : new ListOffsetResponse(ErrorCode.NotLeaderOrFollower, -1, -1, -1));

    public Task<OffsetForLeaderEpochResponse> OffsetForLeaderEpochAsync(OffsetForLeaderEpochRequest request, CancellationToken cancellationToken)
        => throw new NotSupportedException();

    public Task<DeleteRecordsResponse> DeleteRecordsAsync(long beforeOffset, CancellationToken cancellationToken)
    {
        var partition = cluster.Find(key.TopicPartition)!;
        partition.LogStartOffset = beforeOffset < 0 ? partition.EndOffset : beforeOffset;
        return Task.FromResult(new DeleteRecordsResponse(ErrorCode.None, partition.LogStartOffset));
    }

    public Task<PartitionDescription> DescribeAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<DescribeProducersResponse> DescribeProducersAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<ErrorCode> LeaderAndIsrAsync(LeaderAndIsrPartition state, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<ErrorCode> StopReplicaAsync(bool deletePartition, int leaderEpoch, CancellationToken cancellationToken) => throw new NotSupportedException();
}

internal sealed class FakeBrokerGrain(FakeCluster cluster, int brokerId) : IBrokerGrain
{
    public Task<FetchResponse> FetchAsync(FetchRequest request, CancellationToken cancellationToken)
    {
        cluster.Fetches.Enqueue(request);
        return cluster.OnFetch is { } script ? script(request, () => Read(request)) : WaitAsync(request, cancellationToken);
    }

    public Task<LeaderAndIsrResponse> LeaderAndIsrAsync(LeaderAndIsrRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<ReplicaFetchResponse> FetchAsReplicaAsync(ReplicaFetchRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<ConfigDescription> DescribeConfigAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task ReportFlushedAsync(ReplicaFlushReport report, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<LeaderAndIsrResponse> StopReplicaAsync(StopReplicaRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<ErrorCode> UpdateMetadataAsync(UpdateMetadataRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<ListenerSettings> GetListenerSettingsAsync(long knownVersion, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<PartitionDescription[]> DescribeReplicasAsync(string[]? topics, CancellationToken cancellationToken)
        => Task.FromResult<PartitionDescription[]>(
        [
            .. (topics ?? [.. cluster.Topics]).Select(topic => new PartitionDescription(topic, 0, brokerId, true, 0, 0, 0, 0, cluster[topic].EndOffset, 0, 0, null)),
        ]);

    /// <summary>A long poll: it ends with something to say, or with the token.</summary>
    private async Task<FetchResponse> WaitAsync(FetchRequest request, CancellationToken cancellationToken)
    {
        while (true)
        {
            var changed = cluster.Changed;
            var response = Read(request);
            if (response.Partitions.Any(partition => partition.Error != ErrorCode.None || !partition.Records.IsEmpty))
            {
                return response;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    private FetchResponse Read(FetchRequest request)
    {
        var left = request.MaxBytes;
        return new FetchResponse(Array.ConvertAll(request.Partitions, wanted =>
        {
            var partition = cluster.Find(new TopicPartition(wanted.Topic, wanted.Partition));
            if (partition is null)
            {
                return Error(ErrorCode.UnknownTopicOrPartition);
            }

            if (partition.Leader != brokerId)
            {
                return Error(ErrorCode.NotLeaderOrFollower);
            }

            if (wanted.CurrentLeaderEpoch >= 0 && wanted.CurrentLeaderEpoch < partition.LeaderEpoch)
            {
                return Error(ErrorCode.FencedLeaderEpoch);
            }

            if (left <= 0)
            {
                return new PartitionReadResponse(ErrorCode.None, null, partition.EndOffset, partition.EndOffset, partition.LogStartOffset, partition.LeaderEpoch, default);
            }

            var answer = partition.Read(wanted.Offset, Math.Min(wanted.MaxBytes, left));
            left -= answer.Records.Length;
            return answer;
        }));
    }

    private static PartitionReadResponse Error(ErrorCode error) => new(error, $"scripted {error}", -1, -1, -1, -1, default);
}

internal sealed class FakeClusterGrain(FakeCluster cluster) : IClusterGrain
{
    public Task<ClusterMetadata> GetMetadataAsync(MetadataRequest request, CancellationToken cancellationToken)
    {
        cluster.MetadataRequests.Enqueue(request);
        if (cluster.OnMetadata?.Invoke(request) is { } failure)
        {
            return Task.FromException<ClusterMetadata>(failure);
        }

        var topics = (request.Topics ?? [.. cluster.Topics]).Select(topic => cluster.Describe(topic, request.AllowAutoTopicCreation));
        return Task.FromResult(new ClusterMetadata("fake", 1, [new BrokerMetadata(1, "localhost", 9092, 30000, null, 1)], [.. topics]));
    }

    public Task<TopicResult[]> CreateTopicsAsync(CreateTopicsRequest request, CancellationToken cancellationToken)
        => Task.FromResult(Array.ConvertAll(request.Topics, topic =>
        {
            if (cluster.Topics.Contains(topic.Name))
            {
                return new TopicResult(topic.Name, Guid.Empty, ErrorCode.TopicAlreadyExists, $"Topic '{topic.Name}' exists already.");
            }

            cluster.AddTopic(topic.Name, Math.Max(topic.PartitionCount, 1));
            return new TopicResult(topic.Name, Guid.Empty, ErrorCode.None, null);
        }));

    public Task<TopicResult[]> DeleteTopicsAsync(string[] topics, int timeoutMs, CancellationToken cancellationToken)
        => Task.FromResult(Array.ConvertAll(topics, topic => new TopicResult(
            topic,
            Guid.Empty,
            cluster.RemoveTopic(topic) ? ErrorCode.None : ErrorCode.UnknownTopicOrPartition,
            null)));

    public Task<ElectLeadersResponse> ElectLeadersAsync(bool isUnclean, TopicPartitions[]? topics, int timeoutMs, CancellationToken cancellationToken)
        => throw new NotSupportedException();

    public Task<PartitionOutcome[]> AlterPartitionReassignmentsAsync(PartitionReassignment[] reassignments, CancellationToken cancellationToken)
        => throw new NotSupportedException();

    public Task<OngoingReassignment[]> ListPartitionReassignmentsAsync(TopicPartitions[]? topics, CancellationToken cancellationToken)
        => throw new NotSupportedException();

    public Task<TopicResult> CreatePartitionsAsync(string topic, int totalCount, int[][]? assignments, bool validateOnly, int timeoutMs, CancellationToken cancellationToken)
    {
        cluster.AddTopic(topic, totalCount);
        return Task.FromResult(new TopicResult(topic, Guid.Empty, ErrorCode.None, null));
    }

    public Task<ConfigDescription[]> DescribeConfigsAsync(ConfigResource[] resources, CancellationToken cancellationToken)
        => Task.FromResult(Array.ConvertAll(resources, resource => new ConfigDescription(resource, ErrorCode.None, null, [])));

    public Task<TopicResult[]> AlterConfigsAsync(ConfigAlteration[] alterations, bool validateOnly, CancellationToken cancellationToken)
        => Task.FromResult(Array.ConvertAll(alterations, alteration => new TopicResult(alteration.Resource.Name, Guid.Empty, ErrorCode.None, null)));

    public Task<DescribeQuotasResponse> DescribeClientQuotasAsync(QuotaFilterPart[] filter, bool isStrict, CancellationToken cancellationToken)
        => throw new NotSupportedException();

    public Task<QuotaAlterationResult[]> AlterClientQuotasAsync(QuotaAlteration[] alterations, bool validateOnly, CancellationToken cancellationToken)
        => throw new NotSupportedException();

    public Task<InitProducerIdResponse> InitProducerIdAsync(InitProducerIdRequest request, CancellationToken cancellationToken)
    {
        cluster.InitProducerIds.Enqueue(request);
        return Task.FromResult(new InitProducerIdResponse(ErrorCode.None, null, cluster.TakeProducerId(), 0));
    }

    public async Task<CoordinatorLocation[]> FindCoordinatorAsync(string[] groupIds, CancellationToken cancellationToken)
    {
        await cluster.OnFindCoordinator();
        return Array.ConvertAll(groupIds, group => new CoordinatorLocation(group, ErrorCode.None, null, 0, cluster.CoordinatorBroker, "localhost", 9092));
    }
}
