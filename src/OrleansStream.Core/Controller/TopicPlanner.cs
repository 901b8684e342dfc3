using System.Collections.Immutable;
using OrleansStream.Core.Configuration;
using OrleansStream.Core.Topics;

namespace OrleansStream.Core.Controller;

/// <summary>Decides whether topics and partitions can be created, and on which brokers. The rules are those of Kafka's CreateTopics and CreatePartitions.</summary>
public static class TopicPlanner
{
    /// <summary>What counts for an unset number of partitions or replicas.</summary>
    public const int UseDefault = -1;

    /// <summary>The most partitions that one request may add to a topic, so that a typing error does not bring the cluster down.</summary>
    public const int MaxPartitionsPerRequest = 10_000;

    /// <summary>Plans a new topic.</summary>
    /// <param name="wanted">What is asked for.</param>
    /// <param name="topicId">The id that the topic is to have.</param>
    /// <param name="existing">The names of all topics.</param>
    /// <param name="beingDeleted">The names of those that are being deleted.</param>
    /// <param name="brokers">The brokers that are alive.</param>
    /// <param name="config">The broker's configuration, for defaults.</param>
    /// <param name="startIndex">As in <see cref="ReplicaPlacement.Assign"/>.</param>
    /// <param name="startShift">As in <see cref="ReplicaPlacement.Assign"/>.</param>
    /// <returns>The assignment, or Kafka's error for the first broken rule.</returns>
    public static Outcome<TopicAssignment> PlanTopic(
        TopicCreation wanted,
        Guid topicId,
        IReadOnlySet<string> existing,
        IReadOnlySet<string> beingDeleted,
        IReadOnlyCollection<BrokerRack> brokers,
        BrokerConfig config,
        int startIndex,
        int startShift)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        ArgumentNullException.ThrowIfNull(existing);
        ArgumentNullException.ThrowIfNull(beingDeleted);
        ArgumentNullException.ThrowIfNull(config);
        var allowed = ValidateName(wanted.Topic, existing, beingDeleted);
        if (!allowed.IsSuccess)
        {
            return allowed;
        }

        var replicas = wanted.Assignments is { } given
            ? CheckAssignments(wanted, given, brokers)
            : Place(wanted, brokers, config, startIndex, startShift);
        if (!replicas.IsSuccess)
        {
            return replicas.WithoutValue();
        }

        var configs = TopicConfig.Validate(wanted.Configs, config);
        return configs.IsSuccess
            ? Outcome.Of(new TopicAssignment(wanted.Topic, topicId, [.. replicas.Value.Select(r => new ReplicaAssignment(r))]))
            : configs;
    }

    /// <summary>Plans more partitions for a topic.</summary>
    /// <param name="topic">The topic as it is.</param>
    /// <param name="totalCount">The number of partitions that it is to have.</param>
    /// <param name="assignments">The replicas of each new partition, chosen by the caller; null to have them chosen.</param>
    /// <param name="brokers">The brokers that are alive.</param>
    /// <returns>The topic as it is to be, or Kafka's error for the first broken rule.</returns>
    public static Outcome<TopicAssignment> PlanPartitions(
        TopicAssignment topic,
        int totalCount,
        ImmutableArray<ImmutableArray<int>>? assignments,
        IReadOnlyCollection<BrokerRack> brokers)
    {
        ArgumentNullException.ThrowIfNull(topic);
        ArgumentNullException.ThrowIfNull(brokers);
        var count = topic.Partitions.Length;
        var added = totalCount - count;
        var refused = (added, assignments) switch
        {
            _ when topic.Partitions.Any(partition => partition.IsBeingReassigned)
                => Outcome.Failure(ErrorCode.ReassignmentInProgress, $"A partition reassignment is in progress for the topic '{topic.Topic}'."),
            (0, _) => Outcome.Failure(ErrorCode.InvalidPartitions, $"Topic already has {count} partitions."),
            ( < 0, _) => Outcome.Failure(
                ErrorCode.InvalidPartitions,
                $"The topic {topic.Topic} currently has {count} partition(s); {totalCount} would not be an increase."),
            ( > MaxPartitionsPerRequest, _) => TooMany(added),
            (_, { } given) when given.Length != added => Outcome.Failure(
                ErrorCode.InvalidReplicaAssignment, $"Increasing the number of partitions by {added} but {given.Length} assignments provided."),
            _ => Outcome.Success,
        };
        if (!refused.IsSuccess)
        {
            return refused;
        }

        var replicationFactor = topic.Partitions[0].Replicas.Length;
        var replicas = assignments is { } chosen
            ? CheckReplicas(chosen, brokers, replicationFactor)
            : ReplicaPlacement.Assign(brokers, added, replicationFactor, Start(topic, brokers), Start(topic, brokers), count);
        return replicas.IsSuccess
            ? Outcome.Of(topic with { Partitions = [.. topic.Partitions, .. replicas.Value.Select(r => new ReplicaAssignment(r))] })
            : replicas.WithoutValue();
    }

    /// <summary>The place of the first partition's preferred leader, so that the round of leaders goes on.</summary>
    private static int Start(TopicAssignment topic, IReadOnlyCollection<BrokerRack> brokers)
        => Math.Max(0, brokers.Select(broker => broker.BrokerId).Order().ToList().FindIndex(id => id >= topic.Partitions[0].Replicas[0]));

    private static Outcome ValidateName(string topic, IReadOnlySet<string> existing, IReadOnlySet<string> beingDeleted)
    {
        var valid = TopicName.Validate(topic);
        return !valid.IsSuccess ? valid
            : beingDeleted.Contains(topic) ? Outcome.Failure(ErrorCode.TopicAlreadyExists, $"Topic '{topic}' is marked for deletion.")
            : existing.Contains(topic) ? Outcome.Failure(ErrorCode.TopicAlreadyExists, $"Topic '{topic}' already exists.")
            : TopicName.ValidateNoCollision(topic, existing);
    }

    private static Outcome<ImmutableArray<ImmutableArray<int>>> Place(
        TopicCreation wanted, IReadOnlyCollection<BrokerRack> brokers, BrokerConfig config, int startIndex, int startShift)
    {
        var partitions = wanted.PartitionCount == UseDefault ? config.Get(BrokerConfigKeys.NumPartitions) : wanted.PartitionCount;
        var replicas = wanted.ReplicationFactor == UseDefault ? config.Get(BrokerConfigKeys.DefaultReplicationFactor) : wanted.ReplicationFactor;
        return partitions > MaxPartitionsPerRequest
            ? TooMany(partitions)
            : ReplicaPlacement.Assign(brokers, partitions, replicas, startIndex, startShift);
    }

    private static Outcome<ImmutableArray<ImmutableArray<int>>> CheckAssignments(
        TopicCreation wanted, ImmutableArray<ImmutableArray<int>> given, IReadOnlyCollection<BrokerRack> brokers)
    {
        if (wanted.PartitionCount != UseDefault || wanted.ReplicationFactor != UseDefault)
        {
            return Outcome.Failure(
                ErrorCode.InvalidRequest,
                "Both numPartitions or replicationFactor and replicasAssignments were set. Both cannot be used at the same time.");
        }

        return given.Length > MaxPartitionsPerRequest ? TooMany(given.Length)
            : given.IsEmpty ? Outcome.Failure(ErrorCode.InvalidPartitions, "Number of partitions must be larger than 0; it is 0.")
            : CheckReplicas(given, brokers, given[0].Length);
    }

    private static Outcome<ImmutableArray<ImmutableArray<int>>> CheckReplicas(
        ImmutableArray<ImmutableArray<int>> given, IReadOnlyCollection<BrokerRack> brokers, int replicationFactor)
    {
        var alive = brokers.Select(broker => broker.BrokerId).ToHashSet();
        for (var i = 0; i < given.Length; i++)
        {
            var replicas = given[i];
            var problem = replicas.IsEmpty ? "has no replicas"
                : replicas.Distinct().Count() != replicas.Length ? $"names a broker twice: {string.Join(", ", replicas)}"
                : replicas.Length != replicationFactor ? $"has {replicas.Length} replicas where {replicationFactor} are needed"
                : replicas.FirstOrDefault(replica => !alive.Contains(replica), UseDefault) is var unknown and not UseDefault ? $"names broker {unknown}, which is not alive"
                : replicas.Any(replica => replica < 0) ? $"names a negative broker id: {string.Join(", ", replicas)}"
                : null;
            if (problem is not null)
            {
                return Outcome.Failure(ErrorCode.InvalidReplicaAssignment, $"The assignment at index {i} {problem}.");
            }
        }

        return Outcome.Of(given);
    }

    private static Outcome TooMany(int partitions)
        => Outcome.Failure(
            ErrorCode.InvalidPartitions, $"Number of partitions must be at most {MaxPartitionsPerRequest} in a request; it is {partitions}.");
}
