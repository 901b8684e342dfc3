using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using OrleansStream.Core.Configuration;
using OrleansStream.Grains.Brokers;
using OrleansStream.Grains.Cluster;
using OrleansStream.Grains.Controllers;
using OrleansStream.Grains.DataDirectories;
using OrleansStream.Grains.Groups;
using OrleansStream.Grains.Liveness;
using OrleansStream.Grains.Partitions;
using OrleansStream.Grains.Placement;
using OrleansStream.Grains.Replication;
using OrleansStream.Storage.Compaction;

namespace OrleansStream.Grains.Hosting;

/// <summary>Makes a silo a broker.</summary>
public static class OrleansStreamSiloBuilderExtensions
{
    /// <summary>How long a partition grain without a replica stays.</summary>
    private static readonly TimeSpan EmptyPartitionAge = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Adds the broker's grains and services to the silo and names the silo after the broker. The silo's clustering and
    /// endpoints are the caller's.
    /// </summary>
    /// <param name="builder">The silo.</param>
    /// <param name="configure">Sets the options.</param>
    public static ISiloBuilder AddOrleansStreamBroker(this ISiloBuilder builder, Action<BrokerOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        var services = builder.Services;
        services.AddOptions<BrokerOptions>().Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<BrokerOptions>, BrokerOptionsValidator>());
        services.AddOptions<SiloOptions>().PostConfigure<IOptions<BrokerOptions>>(
            (silo, broker) => silo.SiloName = BrokerSiloName.For(broker.Value.BrokerId));
        builder.Configure<GrainCollectionOptions>(
            collection => collection.ClassSpecificCollectionAge[typeof(PartitionGrain).FullName!] = EmptyPartitionAge);
        builder.AddPlacementDirector<BrokerPlacementStrategy, BrokerPlacementDirector>();

        // Orleans' older directory deactivates, on every silo, the grains whose entries were on a silo that died: leaders would close
        // their logs, and nobody would tell them to open them again.
#pragma warning disable ORLEANSEXP003 // Experimental, as Orleans says.
        builder.AddDistributedGrainDirectory();
#pragma warning restore ORLEANSEXP003
        services.TryAddSingleton(TimeProvider.System);

        services.AddSingleton(provider => new BrokerState(provider.GetRequiredService<IOptions<BrokerOptions>>().Value.BrokerId));
        services.AddSingleton<DataDirectoryHolder>();
        services.AddSingleton<IMetadataSessions>(provider => provider.GetRequiredService<IOptions<BrokerOptions>>().Value.ZooKeeper is null
            ? ActivatorUtilities.CreateInstance<LocalMetadataSessions>(provider)
            : ActivatorUtilities.CreateInstance<ZooKeeperMetadataSessions>(provider));
        services.AddSingleton<MetadataCache>();
        services.AddSingleton<ListenerFeed>();
        services.AddSingleton<ConfigService>();
        services.AddSingleton<ITopicConfigs>(provider => provider.GetRequiredService<ConfigService>());
        services.AddSingleton(provider => new ProducerIds(
            provider.GetRequiredService<BrokerState>().BrokerId, provider.GetRequiredService<ConfigService>()));
        services.AddSingleton<BrokerProbe>();
        services.AddSingleton<ControllerService>();
        services.AddSingleton<ControllerClient>();
        services.AddSingleton<HostedPartitions>();
        services.AddSingleton<PartitionSignals>();
        services.AddSingleton<AppendSignals>();
        services.AddSingleton<ReplicationThrottles>();
        services.AddSingleton<ReplicaFetchers>();
        services.AddSingleton<IsrWriter>();
        services.AddSingleton<OfflineReplicas>();
        services.AddSingleton<IsrCheck>();
        services.TryAddSingleton<IPartitionLogFactory, PartitionLogFactory>();
        services.AddSingleton(provider => new FetchLimits(
            provider.GetRequiredService<IOptions<BrokerOptions>>().Value.MaxWaitingFetches,
            provider.GetRequiredService<ITopicConfigs>().Broker.Get(BrokerConfigKeys.FetchMaxBytes),
            provider.GetRequiredService<ITopicConfigs>().Broker.Get(BrokerConfigKeys.ReplicaSelectorClass) == BrokerConfigKeys.RackAwareReplicaSelector));
        services.AddSingleton(CreateCleaner);
        services.AddSingleton<PartitionServices>();
        services.AddSingleton<BrokerServices>();
        services.AddSingleton<TopicAdministration>();
        services.AddSingleton<ReassignmentAdministration>();
        services.AddSingleton<ConfigAdministration>();
        services.AddSingleton<QuotaAdministration>();
        services.AddSingleton<OffsetsTopic>();
        services.AddSingleton<CoordinatorLoads>();
        services.AddSingleton<CoordinatorElections>();
        services.AddSingleton<GroupServices>();
        services.AddHostedService<ControlledShutdown>();
        services.AddSingleton<BrokerLifecycle>();
        services.AddSingleton<IBroker>(provider => provider.GetRequiredService<BrokerLifecycle>());
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(provider => provider.GetRequiredService<BrokerLifecycle>());
        return builder;
    }

    private static LogCleaner CreateCleaner(IServiceProvider provider)
    {
        var configs = provider.GetRequiredService<ITopicConfigs>();
        var hosted = provider.GetRequiredService<HostedPartitions>();
        return new LogCleaner(
            () => new LogCleanerOptions(
                configs.Broker.Get(BrokerConfigKeys.LogCleanerThreads),
                configs.Broker.Get(BrokerConfigKeys.LogCleanerDedupeBufferSize),
                TimeSpan.FromMilliseconds(configs.Broker.Get(BrokerConfigKeys.LogCleanerBackoffMs))),
            () => [.. hosted.Snapshot().Select(partition => partition.Compaction).OfType<ICompactionTarget>()],
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<LogCleaner>>());
    }
}
