using System.Collections.Concurrent;
using NSubstitute;
using Orleans;
using OrleansStream.Abstractions;

namespace OrleansStream.Gateway.Tests.Doubles;

/// <summary>The grains that the gateway calls: each test says what they answer.</summary>
internal sealed class FakeGrains
{
    private readonly Lock _lock = new();
    private ListenerSettings _settings = new(1, [], int.MaxValue, int.MaxValue);
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource? _applied;

    public FakeGrains()
    {
        Factory.GetGrain<IClusterGrain>(Arg.Any<long>(), Arg.Any<string?>()).Returns(Cluster);
        Factory.GetGrain<IBrokerGrain>(Arg.Any<long>(), Arg.Any<string?>()).Returns(Broker);
        Factory.GetGrain<IGroupCoordinatorGrain>(Arg.Any<string>(), Arg.Any<string?>()).Returns(call => Coordinator(call.ArgAt<string>(0)));
        Factory.GetGrain<IPartitionGrain>(Arg.Any<string>(), Arg.Any<string?>()).Returns(call => Partition(call.ArgAt<string>(0)));
        Broker.GetListenerSettingsAsync(Arg.Any<long>(), Arg.Any<CancellationToken>())
            .Returns(call => ListenerSettingsAsync(call.ArgAt<long>(0), call.ArgAt<CancellationToken>(1)));
        Cluster.GetMetadataAsync(Arg.Any<MetadataRequest>(), Arg.Any<CancellationToken>()).Returns(call => Metadata(call.ArgAt<MetadataRequest>(0)));
    }

    public IGrainFactory Factory { get; } = Substitute.For<IGrainFactory>();

    public IClusterGrain Cluster { get; } = Substitute.For<IClusterGrain>();

    public IBrokerGrain Broker { get; } = Substitute.For<IBrokerGrain>();

    public ConcurrentDictionary<string, IPartitionGrain> Partitions { get; } = new(StringComparer.Ordinal);

    public ConcurrentDictionary<string, IGroupCoordinatorGrain> Coordinators { get; } = new(StringComparer.Ordinal);

    /// <summary>The topics that there are.</summary>
    public List<TopicMetadata> Topics { get; } = [];

    /// <summary>What the gateway asked for, in order.</summary>
    public ConcurrentQueue<MetadataRequest> MetadataRequests { get; } = new();

    public static TopicMetadata Topic(string name, int partitions, Guid id = default) => new(
        ErrorCode.None,
        name,
        id,
        false,
        [.. Enumerable.Range(0, partitions).Select(number => new PartitionMetadata(ErrorCode.None, number, 1, 4, [1], [1], []))]);

    public IPartitionGrain Partition(string key) => Partitions.GetOrAdd(key, _ => Substitute.For<IPartitionGrain>());

    public IGroupCoordinatorGrain Coordinator(string key) => Coordinators.GetOrAdd(key, _ => Substitute.For<IGroupCoordinatorGrain>());

    /// <summary>Other settings hold from now on; completes when the gateway has applied them and asks for the next.</summary>
    public async Task ApplyAsync(Func<ListenerSettings, ListenerSettings> change)
    {
        var applied = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource changed;
        lock (_lock)
        {
            _settings = change(_settings) with { Version = _settings.Version + 1 };
            _applied = applied;
            (changed, _changed) = (_changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        changed.SetResult();
        await Expect.WithinAsync(applied.Task, "the gateway to apply the settings");
    }

    /// <summary>What holds from the gateway's start on.</summary>
    public void Begin(ListenerSettings settings) => _settings = settings;

    private async Task<ListenerSettings> ListenerSettingsAsync(long known, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (_settings.Version != known)
                {
                    return _settings;
                }

                _applied?.TrySetResult();
                changed = _changed.Task;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    private Task<ClusterMetadata> Metadata(MetadataRequest request)
    {
        MetadataRequests.Enqueue(request);
        var topics = request.Topics is null
            ? Topics.ToArray()
            : [.. request.Topics.Select(name => Topics.Find(topic => topic.Name == name)
                ?? new TopicMetadata(ErrorCode.UnknownTopicOrPartition, name, Guid.Empty, false, []))];
        return Task.FromResult(new ClusterMetadata("cluster-x", 1, [new BrokerMetadata(1, "kafka.example", 9092, 30000, "rack-a", 7)], topics));
    }
}
