using OrleansStream.Abstractions;

namespace OrleansStream.Client;

/// <summary>Administration through the cluster grain, and through the leaders where the data are.</summary>
internal sealed partial class AdminClient(ClientContext context) : IAdminClient
{
    /// <inheritdoc/>
    public Task<ClusterMetadata> DescribeClusterAsync(CancellationToken cancellationToken = default)
        => GetMetadataAsync([], cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<TopicMetadata>> ListTopicsAsync(bool includeInternal = false, CancellationToken cancellationToken = default)
    {
        var cluster = await GetMetadataAsync(null, cancellationToken).ConfigureAwait(false);
        return [.. cluster.Topics.Where(topic => includeInternal || !topic.IsInternal).OrderBy(topic => topic.Name, StringComparer.Ordinal)];
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<TopicMetadata>> DescribeTopicsAsync(IEnumerable<string> topics, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(topics);
        string[] names = [.. topics];
        var cluster = await GetMetadataAsync(names, cancellationToken).ConfigureAwait(false);
        return Array.ConvertAll(
            names,
            name => Array.Find(cluster.Topics, topic => topic.Name == name)
                ?? new TopicMetadata(ErrorCode.UnknownTopicOrPartition, name, Guid.Empty, false, []));
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<TopicResult>> CreateTopicsAsync(
        IEnumerable<TopicSpecification> topics,
        bool validateOnly = false,
        TimeSpan? timeout = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(topics);
        var request = new CreateTopicsRequest([.. topics.Select(topic => topic.ToContract())], validateOnly, TimeoutMs(timeout));
        return await context.CallClusterAsync((grain, token) => grain.CreateTopicsAsync(request, token), isRepeatable: false, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<TopicResult>> DeleteTopicsAsync(
        IEnumerable<string> topics,
        TimeSpan? timeout = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(topics);
        string[] names = [.. topics];
        return await context.CallClusterAsync(
            (grain, token) => grain.DeleteTopicsAsync(names, TimeoutMs(timeout), token),
            isRepeatable: false,
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<TopicResult> CreatePartitionsAsync(
        string topic,
        int totalCount,
        bool validateOnly = false,
        TimeSpan? timeout = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(topic);
        return context.CallClusterAsync(
            (grain, token) => grain.CreatePartitionsAsync(topic, totalCount, null, validateOnly, TimeoutMs(timeout), token),
            isRepeatable: false,
            cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ConfigDescription>> DescribeConfigsAsync(
        IEnumerable<ConfigResource> resources,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(resources);
        ConfigResource[] wanted = [.. resources];
        return await context.CallClusterAsync(
            (grain, token) => grain.DescribeConfigsAsync(wanted, token),
            isRepeatable: true,
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<TopicResult>> AlterConfigsAsync(
        IEnumerable<ConfigAlteration> alterations,
        bool validateOnly = false,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(alterations);
        ConfigAlteration[] wanted = [.. alterations];
        return await context.CallClusterAsync(
            (grain, token) => grain.AlterConfigsAsync(wanted, validateOnly, token),
            isRepeatable: false,
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<TopicPartition, DeleteRecordsResponse>> DeleteRecordsAsync(
        IReadOnlyDictionary<TopicPartition, long> beforeOffsets,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(beforeOffsets);
        return await ForEachAsync(
            beforeOffsets,
            entry => entry.Key,
            entry => context.CallLeaderAsync(
                entry.Key,
                (grain, _, token) => grain.DeleteRecordsAsync(entry.Value, token),
                static answer => answer.Error,
                cancellationToken),
            static error => new DeleteRecordsResponse(error, -1)).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<TopicPartition, ListOffsetResponse>> ListOffsetsAsync(
        IEnumerable<TopicPartitionOffset> places,
        IsolationLevel isolationLevel = IsolationLevel.ReadUncommitted,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(places);
        return await ForEachAsync(
            places,
            place => place.TopicPartition,
            place => place.Offset.IsOffset
                ? Task.FromResult(new ListOffsetResponse(ErrorCode.None, place.Offset.Offset, -1, -1))
                : context.CallLeaderAsync(
                    place.TopicPartition,
                    (grain, leaderEpoch, token) => grain.ListOffsetAsync(new ListOffsetRequest(place.Offset.SearchTimestamp, leaderEpoch, isolationLevel), token),
                    static answer => answer.Error,
                    cancellationToken),
            static error => new ListOffsetResponse(error, -1, -1, -1)).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<PartitionDescription>> DescribeReplicasAsync(
        IEnumerable<string>? topics = null,
        CancellationToken cancellationToken = default)
    {
        string[]? names = topics is null ? null : [.. topics];
        var cluster = await GetMetadataAsync([], cancellationToken).ConfigureAwait(false);
        var replicas = await Task.WhenAll(cluster.Brokers.Select(broker => context.CallAsync(
            factory => factory.GetGrain<IBrokerGrain>(broker.BrokerId),
            (grain, token) => grain.DescribeReplicasAsync(names, token),
            isRepeatable: true,
            cancellationToken))).ConfigureAwait(false);
        return
        [
            .. replicas.SelectMany(ofBroker => ofBroker)
                .OrderBy(replica => replica.Topic, StringComparer.Ordinal)
                .ThenBy(replica => replica.Partition)
                .ThenBy(replica => replica.BrokerId),
        ];
    }

    private Task<ClusterMetadata> GetMetadataAsync(string[]? topics, CancellationToken cancellationToken)
    {
        var request = new MetadataRequest(topics, AllowAutoTopicCreation: false);
        return context.CallClusterAsync((grain, token) => grain.GetMetadataAsync(request, token), isRepeatable: true, cancellationToken);
    }

    private int TimeoutMs(TimeSpan? timeout) => (int)Math.Min((timeout ?? context.Options.RequestTimeout).TotalMilliseconds, int.MaxValue);

    /// <summary>Asks for every item at once; one that cannot be asked for gets the error's code, the others their answer.</summary>
    private static async Task<Dictionary<TopicPartition, TAnswer>> ForEachAsync<TItem, TAnswer>(
        IEnumerable<TItem> items,
        Func<TItem, TopicPartition> key,
        Func<TItem, Task<TAnswer>> ask,
        Func<ErrorCode, TAnswer> ofError)
    {
        var answers = await Task.WhenAll(items.Select(async item =>
        {
            try
            {
                return (Key: key(item), Answer: await ask(item).ConfigureAwait(false));
            }
            catch (OrleansStreamException exception) when (exception is not BrokerUnavailableException)
            {
                return (Key: key(item), Answer: ofError(exception.Error));
            }
        })).ConfigureAwait(false);
        return answers.ToDictionary(answer => answer.Key, answer => answer.Answer);
    }
}
