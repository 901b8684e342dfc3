using System.Collections.Immutable;
using OrleansStream.Abstractions;
using OrleansStream.Core;
using OrleansStream.Core.Configuration;
using OrleansStream.Core.Controller;

namespace OrleansStream.Grains.Cluster;

/// <summary>
/// Creates, grows and deletes topics: writes to the metadata store, which the controller acts on, and waits until this broker's
/// metadata shows the result, so that the caller can use it at once.
/// </summary>
internal sealed class TopicAdministration(ConfigService configs, MetadataCache metadata, TimeProvider time)
{
    /// <summary>Creates a topic.</summary>
    public async Task<TopicResult> CreateAsync(CreatableTopic topic, bool validateOnly, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var planned = await PlanAsync(topic, cancellationToken);
        if (!planned.IsSuccess)
        {
            return Failed(topic.Name, planned.WithoutValue());
        }

        if (validateOnly)
        {
            return new TopicResult(topic.Name, Guid.Empty, ErrorCode.None, null);
        }

        var created = await configs.Session.Topics.CreateTopicAsync(planned.Value, topic.Configs, cancellationToken);
        if (!created.IsSuccess)
        {
            return Failed(topic.Name, created);
        }

        var topicId = planned.Value.TopicId;
        var isReady = await metadata.WaitUntilAsync(
            snapshot => IsReady(snapshot, topic.Name, topicId, planned.Value.Partitions.Length), timeout, cancellationToken);
        return isReady
            ? new TopicResult(topic.Name, topicId, ErrorCode.None, null)
            : TimedOut(topic.Name, topicId, timeout, "The topic was created, but its partitions have no leaders yet");
    }

    /// <summary>Deletes a topic and waits until its name is free again.</summary>
    public async Task<TopicResult> DeleteAsync(string topic, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (!configs.Broker.Get(BrokerConfigKeys.DeleteTopicEnable))
        {
            return new TopicResult(topic, Guid.Empty, ErrorCode.TopicDeletionDisabled, "Topic deletion is disabled: delete.topic.enable is false.");
        }

        var topics = configs.Session.Topics;
        var topicId = (await topics.ReadTopicAsync(topic, null, cancellationToken))?.Assignment.TopicId ?? Guid.Empty;
        var marked = await topics.MarkForDeletionAsync(topic, cancellationToken);
        if (!marked.IsSuccess)
        {
            return Failed(topic, marked);
        }

        var deadline = time.GetUtcNow() + timeout;
        while (true)
        {
            var changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var found = await topics.ReadTopicAsync(topic, _ => changed.TrySetResult(), cancellationToken);
            if (found is null || found.Assignment.TopicId != topicId)
            {
                return new TopicResult(topic, topicId, ErrorCode.None, null);
            }

            var left = deadline - time.GetUtcNow();
            try
            {
                await changed.Task.WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, time, cancellationToken);
            }
            catch (TimeoutException)
            {
                return TimedOut(topic, topicId, timeout, "The topic is marked for deletion, but not gone yet");
            }
        }
    }

    /// <summary>Adds partitions to a topic.</summary>
    public async Task<TopicResult> GrowAsync(
        string topic,
        int totalCount,
        ImmutableArray<ImmutableArray<int>>? assignments,
        bool validateOnly,
        TimeSpan timeout,
        CancellationToken cancellationToken)
    {
        while (true)
        {
            var current = await configs.Session.Topics.ReadTopicAsync(topic, null, cancellationToken);
            if (current is null)
            {
                return new TopicResult(topic, Guid.Empty, ErrorCode.UnknownTopicOrPartition, $"Topic '{topic}' does not exist.");
            }

            var topicId = current.Assignment.TopicId;
            var planned = TopicPlanner.PlanPartitions(current.Assignment, totalCount, assignments, await ReadBrokersAsync(cancellationToken));
            if (!planned.IsSuccess)
            {
                return Failed(topic, planned.WithoutValue());
            }

            if (validateOnly)
            {
                return new TopicResult(topic, topicId, ErrorCode.None, null);
            }

            var set = await configs.Session.Topics.SetAssignmentAsync(planned.Value, current.Version, cancellationToken);
            if (set.Error == ErrorCode.InvalidUpdateVersion)
            {
                continue;
            }

            if (!set.IsSuccess)
            {
                return Failed(topic, set);
            }

            return await metadata.WaitUntilAsync(snapshot => IsReady(snapshot, topic, topicId, totalCount), timeout, cancellationToken)
                ? new TopicResult(topic, topicId, ErrorCode.None, null)
                : TimedOut(topic, topicId, timeout, "The partitions were added, but have no leaders yet");
        }
    }

    private static bool IsReady(MetadataSnapshot snapshot, string topic, Guid topicId, int partitions)
        => snapshot.Topics.TryGetValue(topic, out var found)
            && found.TopicId == topicId
            && found.Partitions.Length >= partitions
            && found.Partitions.All(partition => partition.Leader >= 0);

    private static TopicResult Failed(string topic, Outcome outcome) => new(topic, Guid.Empty, outcome.Error, outcome.Message);

    private static TopicResult TimedOut(string topic, Guid topicId, TimeSpan timeout, string what)
        => new(topic, topicId, ErrorCode.RequestTimedOut, $"{what} after {timeout.TotalMilliseconds:0} ms.");

    private async Task<Outcome<TopicAssignment>> PlanAsync(CreatableTopic topic, CancellationToken cancellationToken)
    {
        var existing = await configs.Session.Topics.ReadTopicsAsync(null, null, cancellationToken);
        var marks = await configs.Session.Topics.ReadMarksAsync(null, cancellationToken);
        var brokers = await ReadBrokersAsync(cancellationToken);
        var wanted = new TopicCreation(
            topic.Name,
            topic.PartitionCount,
            topic.ReplicationFactor,
            topic.Configs,
            topic.Assignments is { } assignments ? [.. assignments.Select(replicas => replicas.ToImmutableArray())] : null);

        // Topics begin at random brokers, so that their first partitions do not all land on the same one.
        return TopicPlanner.PlanTopic(
            wanted,
            Guid.NewGuid(),
            existing.Select(found => found.Assignment.Topic).ToHashSet(StringComparer.Ordinal),
            marks.ToHashSet(StringComparer.Ordinal),
            brokers,
            configs.Broker,
            Random.Shared.Next(Math.Max(1, brokers.Count)),
            Random.Shared.Next(Math.Max(1, brokers.Count)));
    }

    private async Task<IReadOnlyCollection<BrokerRack>> ReadBrokersAsync(CancellationToken cancellationToken)
        => [.. (await configs.Session.Cluster.ReadBrokersAsync(null, cancellationToken)).Select(broker => new BrokerRack(broker.BrokerId, broker.Registration.Rack))];
}
