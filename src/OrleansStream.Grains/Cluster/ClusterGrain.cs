using System.Collections.Immutable;
using Orleans;
using Orleans.Concurrency;
using OrleansStream.Abstractions;
using OrleansStream.Core.Configuration;
using OrleansStream.Core.Topics;
using OrleansStream.Grains.Brokers;
using OrleansStream.Grains.Controllers;
using OrleansStream.Grains.Groups;

namespace OrleansStream.Grains.Cluster;

/// <summary>What clients ask any broker.</summary>
[StatelessWorker]
[Reentrant]
[GrainType("cluster")]
internal sealed class ClusterGrain(
    BrokerState broker,
    MetadataCache metadata,
    ConfigService configs,
    TopicAdministration topics,
    ReassignmentAdministration reassignments,
    ControllerClient controller,
    ConfigAdministration configAdministration,
    QuotaAdministration quotas,
    ProducerIds producerIds,
    OffsetsTopic offsetsTopic,
    TimeProvider time) : Grain, IClusterGrain
{
    /// <summary>How long a caller waits for a broker that is still starting.</summary>
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(25);

    private static readonly TimeSpan AutoCreationTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan MaxTimeout = TimeSpan.FromMinutes(5);

    public async Task<ClusterMetadata> GetMetadataAsync(MetadataRequest request, CancellationToken cancellationToken)
    {
        await WhenServingAsync(cancellationToken);
        if (request.Topics is null)
        {
            var all = metadata.Current;
            return new ClusterMetadata(all.ClusterId, all.ControllerId, all.Brokers, [.. all.Topics.Values]);
        }

        var described = new TopicMetadata[request.Topics.Length];
        for (var i = 0; i < described.Length; i++)
        {
            described[i] = await DescribeAsync(request.Topics[i], request.AllowAutoTopicCreation, cancellationToken);
        }

        var current = metadata.Current;
        return new ClusterMetadata(current.ClusterId, current.ControllerId, current.Brokers, described);
    }

    public async Task<TopicResult[]> CreateTopicsAsync(CreateTopicsRequest request, CancellationToken cancellationToken)
    {
        await WhenServingAsync(cancellationToken);
        var duplicates = request.Topics
            .GroupBy(topic => topic.Name, StringComparer.Ordinal)
            .Where(group => group.Count() > 1)
            .Select(group => group.Key)
            .ToHashSet(StringComparer.Ordinal);
        return await Task.WhenAll(request.Topics.Select(topic => duplicates.Contains(topic.Name)
            ? Task.FromResult(new TopicResult(topic.Name, Guid.Empty, ErrorCode.InvalidRequest, $"The request names topic '{topic.Name}' more than once."))
            : topics.CreateAsync(topic, request.ValidateOnly, Timeout(request.TimeoutMs), cancellationToken)));
    }

    public async Task<TopicResult[]> DeleteTopicsAsync(string[] names, int timeoutMs, CancellationToken cancellationToken)
    {
        await WhenServingAsync(cancellationToken);
        return await Task.WhenAll(names.Select(topic => topics.DeleteAsync(topic, Timeout(timeoutMs), cancellationToken)));
    }

    public async Task<TopicResult> CreatePartitionsAsync(
        string topic, int totalCount, int[][]? assignments, bool validateOnly, int timeoutMs, CancellationToken cancellationToken)
    {
        await WhenServingAsync(cancellationToken);
        return await topics.GrowAsync(topic, totalCount, Replicas(assignments), validateOnly, Timeout(timeoutMs), cancellationToken);
    }

    public async Task<ElectLeadersResponse> ElectLeadersAsync(bool isUnclean, TopicPartitions[]? topics, int timeoutMs, CancellationToken cancellationToken)
    {
        await WhenServingAsync(cancellationToken);
        try
        {
            return await controller.AskAsync(
                (grain, token) => grain.ElectLeadersAsync(isUnclean, topics, token), response => response.Error, Timeout(timeoutMs), cancellationToken);
        }
        catch (TimeoutException)
        {
            return new ElectLeadersResponse(ErrorCode.RequestTimedOut, []);
        }
    }

    public async Task<PartitionOutcome[]> AlterPartitionReassignmentsAsync(PartitionReassignment[] wanted, CancellationToken cancellationToken)
    {
        await WhenServingAsync(cancellationToken);
        return await reassignments.AlterAsync(wanted, cancellationToken);
    }

    public async Task<OngoingReassignment[]> ListPartitionReassignmentsAsync(TopicPartitions[]? topics, CancellationToken cancellationToken)
    {
        await WhenServingAsync(cancellationToken);
        return await reassignments.ListAsync(topics, cancellationToken);
    }

    public async Task<ConfigDescription[]> DescribeConfigsAsync(ConfigResource[] resources, CancellationToken cancellationToken)
    {
        await WhenServingAsync(cancellationToken);
        return await Task.WhenAll(resources.Select(resource => configAdministration.DescribeAsync(resource, cancellationToken)));
    }

    public async Task<TopicResult[]> AlterConfigsAsync(ConfigAlteration[] alterations, bool validateOnly, CancellationToken cancellationToken)
    {
        await WhenServingAsync(cancellationToken);
        var duplicates = alterations.CountBy(alteration => alteration.Resource).Where(count => count.Value > 1).Select(count => count.Key).ToHashSet();
        return await Task.WhenAll(alterations.Select(alteration => duplicates.Contains(alteration.Resource)
            ? Task.FromResult(new TopicResult(alteration.Resource.Name, Guid.Empty, ErrorCode.InvalidRequest, "Each resource must appear at most once."))
            : configAdministration.AlterAsync(alteration, validateOnly, cancellationToken)));
    }

    public async Task<DescribeQuotasResponse> DescribeClientQuotasAsync(QuotaFilterPart[] filter, bool isStrict, CancellationToken cancellationToken)
    {
        await WhenServingAsync(cancellationToken);
        return await quotas.DescribeAsync(filter, isStrict, cancellationToken);
    }

    public async Task<QuotaAlterationResult[]> AlterClientQuotasAsync(QuotaAlteration[] alterations, bool validateOnly, CancellationToken cancellationToken)
    {
        await WhenServingAsync(cancellationToken);
        return await quotas.AlterAsync(alterations, validateOnly, cancellationToken);
    }

    public async Task<InitProducerIdResponse> InitProducerIdAsync(InitProducerIdRequest request, CancellationToken cancellationToken)
    {
        if (request.TransactionalId is { } transactionalId)
        {
            return new InitProducerIdResponse(
                ErrorCode.InvalidRequest, $"The transactional id '{transactionalId}' cannot be used: this broker has no transactions yet.", -1, -1);
        }

        await WhenServingAsync(cancellationToken);

        // An idempotent producer that starts over gets another id rather than another epoch of the one it has (KIP-360).
        var producerId = await producerIds.NextAsync(cancellationToken);
        return producerId.IsSuccess
            ? new InitProducerIdResponse(ErrorCode.None, null, producerId.Value, 0)
            : new InitProducerIdResponse(producerId.Error, producerId.Message, -1, -1);
    }

    public async Task<CoordinatorLocation[]> FindCoordinatorAsync(string[] groupIds, CancellationToken cancellationToken)
    {
        await WhenServingAsync(cancellationToken);
        return await offsetsTopic.FindAsync(groupIds, cancellationToken);
    }

    private static ImmutableArray<ImmutableArray<int>>? Replicas(int[][]? assignments)
        => assignments is null ? null : [.. assignments.Select(replicas => replicas.ToImmutableArray())];

    private static TimeSpan Timeout(int timeoutMs)
    {
        var timeout = TimeSpan.FromMilliseconds(Math.Max(0, timeoutMs));
        return timeout < MaxTimeout ? timeout : MaxTimeout;
    }

    private async Task<TopicMetadata> DescribeAsync(string topic, bool allowCreation, CancellationToken cancellationToken)
    {
        if (metadata.Current.Topics.TryGetValue(topic, out var known))
        {
            return known;
        }

        if (TopicName.Validate(topic) is { IsSuccess: false } invalid)
        {
            return Unknown(topic, invalid.Error);
        }

        if (!allowCreation || !configs.Broker.Get(BrokerConfigKeys.AutoCreateTopicsEnable) || InternalTopics.Contains(topic))
        {
            return Unknown(topic, ErrorCode.UnknownTopicOrPartition);
        }

        var created = await topics.CreateAsync(new CreatableTopic(topic, -1, -1, [], null), validateOnly: false, AutoCreationTimeout, cancellationToken);
        if (created.Error == ErrorCode.TopicAlreadyExists)
        {
            // Somebody else was faster, or the topic is just being deleted.
            await metadata.WaitUntilAsync(snapshot => snapshot.Topics.ContainsKey(topic), AutoCreationTimeout, cancellationToken);
        }

        return metadata.Current.Topics.TryGetValue(topic, out known)
            ? known
            : Unknown(topic, created.Error is ErrorCode.None or ErrorCode.RequestTimedOut or ErrorCode.TopicAlreadyExists ? ErrorCode.LeaderNotAvailable : created.Error);
    }

    /// <summary>While the broker starts, an answer would say that there are no topics.</summary>
    private Task WhenServingAsync(CancellationToken cancellationToken)
        => broker.WhenServing.IsCompletedSuccessfully
            ? Task.CompletedTask
            : broker.WhenServing.WaitAsync(StartTimeout, time, cancellationToken);

    private static TopicMetadata Unknown(string topic, ErrorCode error) => new(error, topic, Guid.Empty, false, []);
}
