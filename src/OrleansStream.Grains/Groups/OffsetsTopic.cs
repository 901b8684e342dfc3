using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OrleansStream.Abstractions;
using OrleansStream.Core.Configuration;
using OrleansStream.Core.Topics;
using OrleansStream.Grains.Cluster;
using OrleansStream.Grains.Hosting;
using OrleansStream.Protocol.Partitioning;

namespace OrleansStream.Grains.Groups;

/// <summary>The topic that groups are kept in: creates it when it is first needed, and tells where its partitions are led. Thread-safe.</summary>
internal sealed partial class OffsetsTopic(
    IOptions<BrokerOptions> options, ConfigService configs, MetadataCache metadata, TopicAdministration topics, ILogger<OffsetsTopic> logger) : IDisposable
{
    private static readonly TimeSpan CreationTimeout = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _creation = new(1);

    /// <summary>Where the coordinators of groups are.</summary>
    public async Task<CoordinatorLocation[]> FindAsync(string[] groupIds, CancellationToken cancellationToken)
    {
        if (Find() is null && groupIds.Length > 0 && await TryCreateAsync(cancellationToken) is { } problem)
        {
            return Array.ConvertAll(groupIds, group => NotAvailable(group, problem));
        }

        return Array.ConvertAll(groupIds, Locate);
    }

    public void Dispose() => _creation.Dispose();

    private static CoordinatorLocation NotAvailable(string group, string why)
        => new(group, ErrorCode.CoordinatorNotAvailable, why, -1, -1, string.Empty, -1);

    private TopicMetadata? Find() => metadata.Current.Topics.GetValueOrDefault(InternalTopics.ConsumerOffsets);

    private CoordinatorLocation Locate(string group)
    {
        if (Find() is not { Partitions.Length: > 0 } topic)
        {
            return NotAvailable(group, $"{InternalTopics.ConsumerOffsets} is being created.");
        }

        var partition = GroupPartition.Of(group, topic.Partitions.Length);
        var leader = topic.Partitions[partition].Leader;
        return Array.Find(metadata.Current.Brokers, broker => broker.BrokerId == leader) is { } broker
            ? new CoordinatorLocation(group, ErrorCode.None, null, partition, leader, broker.Host, broker.KafkaPort)
            : NotAvailable(group, $"{InternalTopics.ConsumerOffsets}-{partition} has no leader.");
    }

    /// <returns>Null on success, else what went wrong.</returns>
    private async Task<string?> TryCreateAsync(CancellationToken cancellationToken)
    {
        await _creation.WaitAsync(cancellationToken);
        try
        {
            if (Find() is not null)
            {
                return null;
            }

            var config = configs.Broker;
            var brokers = metadata.Current.Brokers.Length;
            var wanted = config.Get(BrokerConfigKeys.OffsetsTopicReplicationFactor);
            var replicas = (short)Math.Min(wanted, Math.Max(1, brokers));
            if (replicas < wanted && options.Value.ZooKeeper is not null)
            {
                // The first consumer that finds the first broker of a cluster that starts would leave all groups with one replica for good.
                return $"{InternalTopics.ConsumerOffsets} is to have {wanted} replicas (offsets.topic.replication.factor), but {brokers} broker(s) are there.";
            }

            if (replicas < wanted)
            {
                LogFewBrokers(logger, InternalTopics.ConsumerOffsets, replicas, wanted, brokers);
            }

            var created = await topics.CreateAsync(
                new CreatableTopic(
                    InternalTopics.ConsumerOffsets,
                    config.Get(BrokerConfigKeys.OffsetsTopicNumPartitions),
                    replicas,
                    new Dictionary<string, string>(StringComparer.Ordinal)
                    {
                        ["cleanup.policy"] = "compact",
                        ["compression.type"] = "producer",
                        ["segment.bytes"] = config.Get(BrokerConfigKeys.OffsetsTopicSegmentBytes).ToString(CultureInfo.InvariantCulture),
                    },
                    null),
                validateOnly: false,
                CreationTimeout,
                cancellationToken);
            if (created.Error == ErrorCode.TopicAlreadyExists)
            {
                // Another broker was faster.
                await metadata.WaitUntilAsync(
                    snapshot => snapshot.Topics.ContainsKey(InternalTopics.ConsumerOffsets), CreationTimeout, cancellationToken);
                return null;
            }

            if (created.Error is not (ErrorCode.None or ErrorCode.RequestTimedOut))
            {
                LogNotCreated(logger, InternalTopics.ConsumerOffsets, created.Error, created.ErrorMessage);
                return $"{InternalTopics.ConsumerOffsets} cannot be created: {created.ErrorMessage ?? created.Error.ToString()}";
            }

            return null;
        }
        finally
        {
            _creation.Release();
        }
    }

    [LoggerMessage(1, LogLevel.Information, "{Topic} is created with {Replicas} instead of {Wanted} replicas, since there are {Brokers} brokers")]
    private static partial void LogFewBrokers(ILogger logger, string topic, int replicas, int wanted, int brokers);

    [LoggerMessage(2, LogLevel.Error, "{Topic} could not be created: {Error}, {Reason}")]
    private static partial void LogNotCreated(ILogger logger, string topic, ErrorCode error, string? reason);
}
