using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans;
using OrleansStream.Gateway.Connections;
using OrleansStream.Gateway.FetchSessions;
using OrleansStream.Gateway.Handlers;
using OrleansStream.Gateway.Quotas;
using OrleansStream.Gateway.Requests;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Gateway;

/// <summary>Adds the Kafka listener to a silo's host.</summary>
public static class KafkaGatewayServiceCollectionExtensions
{
    private static readonly TimeSpan MinFetchSessionEvictionAge = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Adds the listener. It starts after the services that were added before it and stops before them, so it is added
    /// after the silo. The host provides <see cref="IGrainFactory"/>.
    /// </summary>
    public static IServiceCollection AddKafkaGateway(this IServiceCollection services, Action<KafkaGatewayOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        var options = new KafkaGatewayOptions();
        configure(options);
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton<BrokerGrains>();
        services.AddSingleton<GroupCoordinators>();
        services.AddSingleton(provider => new FetchSessionCache(
            options.MaxFetchSessions, MinFetchSessionEvictionAge, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<ClientThrottle>();
        services.AddSingleton<ConnectionLimits>();
        services.AddSingleton<ListenerSettingsWatch>();
        services.AddHandlers();
        services.AddSingleton<RequestDispatcher>();
        services.AddSingleton<KafkaListener>();
        services.AddSingleton(provider => new KafkaGateway(
            provider.GetRequiredService<KafkaListener>(),
            provider.GetRequiredService<ListenerSettingsWatch>(),
            () => options.WhenServing?.Invoke(provider) ?? Task.CompletedTask));
        services.AddHostedService(provider => provider.GetRequiredService<KafkaGateway>());
        return services;
    }

    /// <summary>One handler for each API: what stands here is what ApiVersions shows.</summary>
    private static void AddHandlers(this IServiceCollection services)
    {
        services.AddHandler<ApiVersionsHandler>(ApiKey.ApiVersions);
        services.AddHandler<ProduceHandler>(ApiKey.Produce);
        services.AddHandler<FetchHandler>(ApiKey.Fetch);
        services.AddHandler<ListOffsetsHandler>(ApiKey.ListOffsets);
        services.AddHandler<MetadataHandler>(ApiKey.Metadata);
        services.AddHandler<FindCoordinatorHandler>(ApiKey.FindCoordinator);
        services.AddHandler<CreateTopicsHandler>(ApiKey.CreateTopics);
        services.AddHandler<DeleteTopicsHandler>(ApiKey.DeleteTopics);
        services.AddHandler<DeleteRecordsHandler>(ApiKey.DeleteRecords);
        services.AddHandler<InitProducerIdHandler>(ApiKey.InitProducerId);
        services.AddHandler<OffsetForLeaderEpochHandler>(ApiKey.OffsetForLeaderEpoch);
        services.AddHandler<DescribeConfigsHandler>(ApiKey.DescribeConfigs);
        services.AddHandler<AlterConfigsHandler>(ApiKey.AlterConfigs);
        services.AddHandler<CreatePartitionsHandler>(ApiKey.CreatePartitions);
        services.AddHandler<IncrementalAlterConfigsHandler>(ApiKey.IncrementalAlterConfigs);
        services.AddHandler<OffsetCommitHandler>(ApiKey.OffsetCommit);
        services.AddHandler<OffsetFetchHandler>(ApiKey.OffsetFetch);
        services.AddHandler<OffsetDeleteHandler>(ApiKey.OffsetDelete);
        services.AddHandler<JoinGroupHandler>(ApiKey.JoinGroup);
        services.AddHandler<SyncGroupHandler>(ApiKey.SyncGroup);
        services.AddHandler<HeartbeatHandler>(ApiKey.Heartbeat);
        services.AddHandler<LeaveGroupHandler>(ApiKey.LeaveGroup);
        services.AddHandler<ListGroupsHandler>(ApiKey.ListGroups);
        services.AddHandler<DescribeGroupsHandler>(ApiKey.DescribeGroups);
        services.AddHandler<DeleteGroupsHandler>(ApiKey.DeleteGroups);
        services.AddHandler<ConsumerGroupHeartbeatHandler>(ApiKey.ConsumerGroupHeartbeat);
        services.AddHandler<ConsumerGroupDescribeHandler>(ApiKey.ConsumerGroupDescribe);
        services.AddHandler<ElectLeadersHandler>(ApiKey.ElectLeaders);
        services.AddHandler<AlterPartitionReassignmentsHandler>(ApiKey.AlterPartitionReassignments);
        services.AddHandler<ListPartitionReassignmentsHandler>(ApiKey.ListPartitionReassignments);
        services.AddHandler<DescribeClientQuotasHandler>(ApiKey.DescribeClientQuotas);
        services.AddHandler<AlterClientQuotasHandler>(ApiKey.AlterClientQuotas);
        services.AddHandler<DescribeProducersHandler>(ApiKey.DescribeProducers);
        services.AddHandler<DescribeClusterHandler>(ApiKey.DescribeCluster);
        services.AddHandler<DescribeTopicPartitionsHandler>(ApiKey.DescribeTopicPartitions);
    }

    private static void AddHandler<THandler>(this IServiceCollection services, ApiKey key)
        where THandler : class, IKafkaHandler
    {
        services.AddSingleton<IKafkaHandler, THandler>();
        services.AddSingleton(new ServedApi(key));
    }
}
