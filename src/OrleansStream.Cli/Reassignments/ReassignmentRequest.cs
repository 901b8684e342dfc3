using System.Globalization;
using OrleansStream.Abstractions;
using OrleansStream.Cli.Invocation;
using OrleansStream.Client;

namespace OrleansStream.Cli.Reassignments;

/// <summary>Which replicas are asked for, as the command line has it: one of the ways to say it is given.</summary>
/// <param name="Topics">The topics to move; with <paramref name="IsAll"/> or a file, none.</param>
/// <param name="IsAll">Whether all topics are meant, the platform's own included.</param>
/// <param name="Brokers">The brokers to spread the topics over; null unless they are given.</param>
/// <param name="ReplicationFactor">How many replicas to have then; null for as many as there are.</param>
/// <param name="Replicas">The replicas of single partitions of the one topic; null unless they are given.</param>
/// <param name="File">The file that says everything; null unless it is given.</param>
internal sealed record ReassignmentRequest(
    string[] Topics, bool IsAll, int[]? Brokers, int? ReplicationFactor, IReadOnlyDictionary<int, int[]>? Replicas, string? File)
{
    /// <summary>Checks that the command line says one thing.</summary>
    /// <exception cref="CommandFailedException">It says nothing, or two things.</exception>
    public static ReassignmentRequest Parse(string[] topics, bool isAll, string? brokers, int? replicationFactor, string[] replicas, string? file)
    {
        var ways = (brokers is null ? 0 : 1) + (replicas.Length == 0 ? 0 : 1) + (file is null ? 0 : 1);
        if (ways != 1)
        {
            throw CommandFailedException.Usage("say where the replicas are to be: --brokers, --replicas or --file, one of them.");
        }

        if (file is not null && (topics.Length > 0 || isAll))
        {
            throw CommandFailedException.Usage("--file says which topics; leave TOPIC and --all out.");
        }

        if (file is null && (topics.Length == 0) != isAll)
        {
            throw CommandFailedException.Usage("name the topics, or give --all for all of them.");
        }

        if (replicas.Length > 0 && topics.Length != 1)
        {
            throw CommandFailedException.Usage("--replicas is about one topic; for several, use --brokers or --file.");
        }

        if (replicationFactor is not null && brokers is null)
        {
            throw CommandFailedException.Usage("--replication-factor goes with --brokers.");
        }

        return new ReassignmentRequest(
            topics, isAll, brokers is null ? null : ParseIds("--brokers", brokers), replicationFactor, replicas.Length == 0 ? null : ParseReplicas(replicas), file);
    }

    /// <summary>Finds out what has to be moved; what is as wanted already is left out.</summary>
    /// <exception cref="CommandFailedException">A topic, partition or broker does not exist, or a replica comes twice.</exception>
    public async Task<IReadOnlyList<Reassignment>> PlanAsync(
        IAdminClient admin, IReadOnlyList<OngoingReassignment> ongoing, CancellationToken cancellationToken)
    {
        var fromFile = File is null ? null : await ReassignmentFile.ReadAsync(File, cancellationToken).ConfigureAwait(false);
        var names = fromFile?.Keys.Select(partition => partition.Topic).Distinct(StringComparer.Ordinal) ?? Topics;
        var topics = IsAll
            ? await admin.ListTopicsAsync(includeInternal: true, cancellationToken).ConfigureAwait(false)
            : await admin.DescribeTopicsAsync(names, cancellationToken).ConfigureAwait(false);
        if (topics.FirstOrDefault(topic => topic.Error != ErrorCode.None) is { } unknown)
        {
            throw new CommandFailedException(unknown.Error == ErrorCode.UnknownTopicOrPartition
                ? $"there is no topic '{unknown.Name}'; `ostream topics list` shows those that are."
                : $"topic '{unknown.Name}' cannot be described: {unknown.Error.WireName()}.");
        }

        var current = topics.SelectMany(topic => topic.Partitions.Select(partition => (
            Partition: new TopicPartition(topic.Name, partition.Partition),
            Replicas: ongoing.FirstOrDefault(move => move.Topic == topic.Name && move.Partition == partition.Partition) is { } move
                ? [.. move.Replicas.Except(move.AddingReplicas)]
                : partition.Replicas))).OrderBy(entry => entry.Partition).ToArray();
        var registered = (await admin.DescribeClusterAsync(cancellationToken).ConfigureAwait(false)).Brokers;
        var targets = fromFile ?? (Replicas is null
            ? Spread(current, registered)
            : Replicas.ToDictionary(entry => new TopicPartition(Topics[0], entry.Key), entry => entry.Value));
        var before = current.ToDictionary(entry => entry.Partition, entry => entry.Replicas);
        foreach (var (partition, replicas) in targets.OrderBy(target => target.Key))
        {
            Check(partition, replicas, before, registered);
        }

        var moving = ongoing.Select(move => new TopicPartition(move.Topic, move.Partition)).ToHashSet();
        return
        [
            .. targets.OrderBy(target => target.Key)
                .Where(target => moving.Contains(target.Key) || !target.Value.SequenceEqual(before[target.Key]))
                .Select(target => new Reassignment(target.Key, before[target.Key], target.Value)),
        ];
    }

    private static int[] ParseIds(string option, string text)
        => [.. text.Split(',').Select(id => int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw CommandFailedException.Usage($"{option} '{text}' is not a list of broker ids, as in 1,2,3."))];

    private static Dictionary<int, int[]> ParseReplicas(string[] texts)
    {
        var parsed = new Dictionary<int, int[]>();
        foreach (var text in texts)
        {
            if (text.Split(':') is not [var partition, var ids] || !int.TryParse(partition, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                throw CommandFailedException.Usage($"--replicas '{text}' is not PARTITION:BROKER,BROKER, as in 0:1,2.");
            }

            if (!parsed.TryAdd(number, ParseIds("--replicas", ids)))
            {
                throw CommandFailedException.Usage($"--replicas names partition {number} twice.");
            }
        }

        return parsed;
    }

    private static void Check(
        TopicPartition partition, int[] replicas, Dictionary<TopicPartition, int[]> known, IReadOnlyList<BrokerMetadata> registered)
    {
        if (!known.ContainsKey(partition))
        {
            throw new CommandFailedException(
                $"there is no partition {partition.Partition} of topic '{partition.Topic}'; it has {known.Keys.Count(other => other.Topic == partition.Topic)}, numbered from 0.");
        }

        if (replicas.Length == 0 || replicas.Distinct().Count() != replicas.Length)
        {
            throw new CommandFailedException($"the replicas of {partition} are to be [{string.Join(',', replicas)}]; there must be at least one, and each broker once.");
        }

        CheckBrokers(replicas, registered);
    }

    private static void CheckBrokers(int[] ids, IReadOnlyList<BrokerMetadata> registered)
    {
        if (ids.Except(registered.Select(broker => broker.BrokerId)).ToArray() is { Length: > 0 } unknown)
        {
            throw new CommandFailedException(
                $"there is no broker {unknown[0]} in the cluster; there are {string.Join(", ", registered.Select(broker => broker.BrokerId).Order())}.");
        }
    }

    private Dictionary<TopicPartition, int[]> Spread((TopicPartition Partition, int[] Replicas)[] current, IReadOnlyList<BrokerMetadata> registered)
    {
        CheckBrokers(Brokers!, registered);
        var brokers = registered.Where(broker => Brokers!.Contains(broker.BrokerId)).OrderBy(broker => broker.BrokerId).ToArray();
        if (current.FirstOrDefault(entry => (ReplicationFactor ?? entry.Replicas.Length) > brokers.Length) is { Replicas: not null } tooMany)
        {
            throw new CommandFailedException(
                $"{tooMany.Partition} is to have {ReplicationFactor ?? tooMany.Replicas.Length} replicas, but --brokers names {brokers.Length}; name more, or give a smaller --replication-factor.");
        }

        return ReplicaSpread.Plan(current, brokers, ReplicationFactor);
    }
}
