using System.Collections.Concurrent;
using NSubstitute;
using Orleans;
using OrleansStream.Abstractions;

namespace OrleansStream.Client.Tests;

/// <summary>
/// A cluster in memory behind the grain interfaces. <see cref="OnProduce"/> and <see cref="OnFetch"/> script what goes wrong.
/// </summary>
public sealed class FakeCluster
{
    private readonly ConcurrentDictionary<string, FakePartition[]> _topics = new(StringComparer.Ordinal);
    private long _nextProducerId = 1000;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public FakeCluster()
    {
        Factory = Substitute.For<IGrainFactory>();
        var cluster = new FakeClusterGrain(this);
        Factory.GetGrain<IClusterGrain>(Arg.Any<long>(), Arg.Any<string?>()).Returns(cluster);
        Factory.GetGrain<IBrokerGrain>(Arg.Any<long>(), Arg.Any<string?>()).Returns(call => new FakeBrokerGrain(this, (int)call.Arg<long>()));
        Factory.GetGrain<IPartitionGrain>(Arg.Any<string>(), Arg.Any<string?>())
            .Returns(call => new FakePartitionGrain(this, PartitionGrainKey.Parse(call.ArgAt<string>(0))));
        Factory.GetGrain<IGroupCoordinatorGrain>(Arg.Any<string>(), Arg.Any<string?>())
            .Returns(call => GroupCoordinatorKey.Parse(call.ArgAt<string>(0)).BrokerId == CoordinatorBroker ? Coordinator : Coordinator.Elsewhere);
    }

    public FakeCoordinator Coordinator { get; } = new();

    /// <summary>Where groups are coordinated; elsewhere the answer is NOT_COORDINATOR.</summary>
    public int CoordinatorBroker { get; set; } = 1;

    public IGrainFactory Factory { get; }

    /// <summary>Decides over each produce; the default lets it through.</summary>
    public Func<FakeProduce, Task<PartitionProduceResponse>> OnProduce { get; set; } = produce => Task.FromResult(produce.Append());

    /// <summary>Decides over each fetch; null lets it through.</summary>
    public Func<FetchRequest, Func<FetchResponse>, Task<FetchResponse>>? OnFetch { get; set; }

    public Func<MetadataRequest, Exception?>? OnMetadata { get; set; }

    /// <summary>Comes before the answer that tells where a group is coordinated.</summary>
    public Func<Task> OnFindCoordinator { get; set; } = () => Task.CompletedTask;

    public ConcurrentQueue<FakeProduce> Produces { get; } = new();

    public ConcurrentQueue<FetchRequest> Fetches { get; } = new();

    public ConcurrentQueue<MetadataRequest> MetadataRequests { get; } = new();

    public ConcurrentQueue<InitProducerIdRequest> InitProducerIds { get; } = new();

    /// <summary>Completes when a record is appended anywhere.</summary>
    public Task Changed => Volatile.Read(ref _changed).Task;

    public bool AutoCreateTopics { get; set; }

    public IEnumerable<string> Topics => _topics.Keys;

    public FakePartition this[string topic, int partition = 0] => _topics[topic][partition];

    public FakeCluster AddTopic(string topic, int partitions = 1)
    {
        _topics[topic] = [.. Enumerable.Range(0, partitions).Select(partition => new FakePartition(new TopicPartition(topic, partition), Change))];
        return this;
    }

    public bool RemoveTopic(string topic) => _topics.TryRemove(topic, out _);

    public OrleansStreamClient Connect(TimeProvider? time = null, Action<OrleansStreamClientOptions>? configure = null)
        => OrleansStreamClient.FromGrainFactory(Factory, configure, null, time);

    public FakePartition? Find(TopicPartition topicPartition)
        => _topics.TryGetValue(topicPartition.Topic, out var partitions) && topicPartition.Partition < partitions.Length
            ? partitions[topicPartition.Partition]
            : null;

    public TopicMetadata Describe(string topic, bool mayCreate)
    {
        if (!_topics.ContainsKey(topic) && mayCreate && AutoCreateTopics)
        {
            AddTopic(topic);
        }

        return _topics.TryGetValue(topic, out var partitions)
            ? new TopicMetadata(ErrorCode.None, topic, Guid.Empty, false, [.. partitions.Select(Describe)])
            : new TopicMetadata(ErrorCode.UnknownTopicOrPartition, topic, Guid.Empty, false, []);
    }

    public long TakeProducerId() => Interlocked.Increment(ref _nextProducerId);

    private void Change()
        => Interlocked.Exchange(ref _changed, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    private static PartitionMetadata Describe(FakePartition partition)
        => new(ErrorCode.None, partition.TopicPartition.Partition, partition.Leader, partition.LeaderEpoch, [partition.Leader], [partition.Leader], []);
}
