using System.Collections.Immutable;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansStream.Abstractions;
using OrleansStream.Core.Configuration;
using OrleansStream.Core.Producers;
using OrleansStream.Core.Replicas;
using OrleansStream.Grains.Brokers;
using OrleansStream.Grains.Cluster;
using OrleansStream.Grains.Groups;
using OrleansStream.Grains.Partitions;
using OrleansStream.Grains.Replication;
using OrleansStream.Storage;

namespace OrleansStream.Grains.Tests.Doubles;

/// <summary>An open replica that leads epoch 5 over a fake log, with turns of its own.</summary>
internal sealed class ReplicaHarness : IPartitionLogFactory, ITopicConfigs
{
    public static readonly TopicPartition Partition = new("orders", 0);

    private readonly TaskScheduler _turns = new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler;

    public ReplicaHarness(params (string Key, string Value)[] topicConfig)
        : this(null, topicConfig)
    {
    }

    public ReplicaHarness(ProducerSnapshotFile? snapshots, params (string Key, string Value)[] topicConfig)
    {
        Topic = Resolve(topicConfig);
        var broker = new BrokerState(1);
        var metadata = new MetadataCache(Time);
        var services = new PartitionServices(
            this,
            this,
            new HostedPartitions(),
            Signals,
            new AppendSignals(),
            null!,
            null!,
            new OfflineReplicas(broker, null!, metadata, Time, NullLogger<OfflineReplicas>.Instance),
            new CoordinatorElections(null!, broker, NullLogger<CoordinatorElections>.Instance),
            metadata,
            broker,
            Time,
            NullLogger<PartitionGrain>.Instance);
        var settings = PartitionSettings.From(Topic, Broker);
        var machine = new PartitionReplica(Partition, 1, settings.Replica, new ProducerStateTable(Partition), 0, 0);
        Replica = new OpenReplica(services, _turns, Guid.Empty, Log, machine, settings, snapshots);
        machine.BecomeLeader(new PartitionLeadership(1, 1, 5, 0, [1], [1]), Time.NowMs).Error.ShouldBe(ErrorCode.None);
    }

    public ManualTimeProvider Time { get; } = new();

    public FakePartitionLog Log { get; } = new(Partition);

    public PartitionSignals Signals { get; } = new();

    public OpenReplica Replica { get; }

    public BrokerConfig Broker => BrokerConfig.Default;

    public TopicConfig Topic { get; }

    public static TopicConfig Resolve(params (string Key, string Value)[] config)
        => TopicConfig.Resolve(config.ToImmutableDictionary(pair => pair.Key, pair => pair.Value), BrokerConfig.Default);

    /// <summary>Runs something as a turn; completes when it has.</summary>
    public Task<T> TurnAsync<T>(Func<Task<T>> work)
        => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.None, _turns).Unwrap().WaitAsync(TimeSpan.FromSeconds(10));

    /// <summary>Completes when all turns that were queued before have run.</summary>
    public Task SettleAsync() => TurnAsync(() => Task.FromResult(0));

    public Task<PartitionProduceResponse> ProduceAsync(byte[] batch, short acks = -1, int timeoutMs = 30_000, bool waitsForRoom = false)
        => TurnAsync(() => Replica.ProduceAsync(new PartitionProduceRequest(batch, acks, timeoutMs, null, WaitsForRoom: waitsForRoom)));

    public Task<PartitionReadResponse> ReadAsync(long offset, int maxBytes = 1 << 20)
        => TurnAsync(() => Replica.ReadAsync(new PartitionReadRequest(offset, maxBytes, -1, IsolationLevel.ReadUncommitted, true), CancellationToken.None));

    ValueTask<OpenedLog> IPartitionLogFactory.OpenAsync(TopicPartition partition, Guid topicId, LogConfig config, CancellationToken cancellationToken)
        => ValueTask.FromResult(new OpenedLog(Log, null));

    ValueTask IPartitionLogFactory.DeleteAsync(TopicPartition partition) => ValueTask.CompletedTask;

    ValueTask<TopicConfig> ITopicConfigs.GetAsync(string topic, CancellationToken cancellationToken) => ValueTask.FromResult(Topic);
}
