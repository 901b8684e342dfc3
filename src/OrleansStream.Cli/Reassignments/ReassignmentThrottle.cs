using System.Globalization;
using OrleansStream.Abstractions;
using OrleansStream.Cli.Invocation;
using OrleansStream.Client;

namespace OrleansStream.Cli.Reassignments;

/// <summary>
/// The throttle of reassignments: the replicas that are under a quota stand in their topics' configuration, the rates in the brokers' (KIP-73). Set and taken
/// off as <c>kafka-reassign-partitions.sh</c> does.
/// </summary>
internal sealed class ReassignmentThrottle(IAdminClient admin)
{
    private const string LeaderReplicas = "leader.replication.throttled.replicas";
    private const string FollowerReplicas = "follower.replication.throttled.replicas";
    private const string LeaderRate = "leader.replication.throttled.rate";
    private const string FollowerRate = "follower.replication.throttled.rate";

    /// <summary>Throttles reassignments that are to begin, beside those that are under way for the same topics.</summary>
    /// <param name="planned">What is to begin.</param>
    /// <param name="ongoing">What is under way in the cluster.</param>
    /// <param name="bytesPerSecond">The rate of each broker, for what it sends and for what it fetches.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CommandFailedException">It was refused.</exception>
    public async Task SetAsync(
        IReadOnlyList<Reassignment> planned, IReadOnlyList<OngoingReassignment> ongoing, long bytesPerSecond, CancellationToken cancellationToken)
    {
        var moves = ongoing.ToDictionary(
            move => new TopicPartition(move.Topic, move.Partition),
            move => (Sources: move.Replicas.Except(move.AddingReplicas).ToArray(), Destinations: move.AddingReplicas));
        foreach (var reassignment in planned)
        {
            moves[reassignment.TopicPartition] = (reassignment.Before, [.. reassignment.Added]);
        }

        var topics = planned.Select(reassignment => reassignment.TopicPartition.Topic).ToHashSet(StringComparer.Ordinal);
        var alterations = moves.Where(move => topics.Contains(move.Key.Topic)).OrderBy(move => move.Key)
            .GroupBy(move => move.Key.Topic, StringComparer.Ordinal)
            .Select(topic => new ConfigAlteration(
                new ConfigResource(ConfigResourceType.Topic, topic.Key),
                [
                    new ConfigChange(LeaderReplicas, ConfigOperation.Set, Join(topic.SelectMany(move => move.Value.Sources.Select(id => (move.Key.Partition, id))))),
                    new ConfigChange(FollowerReplicas, ConfigOperation.Set, Join(topic.SelectMany(move => move.Value.Destinations.Select(id => (move.Key.Partition, id))))),
                ]));
        var rate = bytesPerSecond.ToString(CultureInfo.InvariantCulture);
        var brokers = moves.Values.SelectMany(move => move.Sources.Concat(move.Destinations)).Distinct().Order();
        var registered = (await admin.DescribeClusterAsync(cancellationToken).ConfigureAwait(false)).Brokers.Select(broker => broker.BrokerId).ToHashSet();
        await AlterAsync(
            [
                .. alterations,
                .. brokers.Where(registered.Contains).Select(id => new ConfigAlteration(
                    Broker(id),
                    [new ConfigChange(LeaderRate, ConfigOperation.Set, rate), new ConfigChange(FollowerRate, ConfigOperation.Set, rate)])),
            ],
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Takes the throttle off topics of which nothing is under way, and off the brokers if nothing is under way at all. Brokers that are away are
    /// not forgotten.
    /// </summary>
    /// <returns>What had a throttle.</returns>
    public async Task<LiftedThrottle> LiftAsync(
        IEnumerable<string> topics, IReadOnlyList<OngoingReassignment> ongoing, CancellationToken cancellationToken)
    {
        var idle = topics.Distinct(StringComparer.Ordinal).Where(topic => !ongoing.Any(move => move.Topic == topic)).Order(StringComparer.Ordinal)
            .Select(topic => new ConfigResource(ConfigResourceType.Topic, topic)).ToArray();
        var throttled = (await DescribeAsync(idle, ConfigSource.DynamicTopicConfig, [LeaderReplicas, FollowerReplicas], cancellationToken).ConfigureAwait(false))
            .Where(topic => topic.Entries.Count > 0).ToArray();
        var rates = Array.Empty<(ConfigResource Resource, IReadOnlyList<ConfigEntry> Entries)>();
        if (ongoing.Count == 0)
        {
            var registered = (await admin.DescribeClusterAsync(cancellationToken).ConfigureAwait(false)).Brokers.Select(broker => broker.BrokerId);
            var named = throttled.SelectMany(topic => topic.Entries).SelectMany(entry => BrokersIn(entry.Value));
            var brokers = registered.Concat(named).Distinct().Order().Select(Broker).ToArray();
            rates = [.. (await DescribeAsync(brokers, ConfigSource.DynamicBrokerConfig, [LeaderRate, FollowerRate], cancellationToken).ConfigureAwait(false))
                .Where(broker => broker.Entries.Count > 0)];
        }

        // First the rates: without them the lists have no effect, the other way round they could be forgotten.
        await AlterAsync(
            [
                .. rates.Concat(throttled).Select(found => new ConfigAlteration(
                    found.Resource, [.. found.Entries.Select(entry => new ConfigChange(entry.Name, ConfigOperation.Delete, null))])),
            ],
            cancellationToken).ConfigureAwait(false);
        return new LiftedThrottle(
            [.. throttled.Select(topic => topic.Resource.Name)],
            [.. rates.Select(broker => int.Parse(broker.Resource.Name, CultureInfo.InvariantCulture))]);
    }

    private static ConfigResource Broker(int id) => new(ConfigResourceType.Broker, id.ToString(CultureInfo.InvariantCulture));

    private static string Join(IEnumerable<(int Partition, int BrokerId)> replicas)
        => string.Join(',', replicas.Distinct().Order().Select(replica => string.Create(CultureInfo.InvariantCulture, $"{replica.Partition}:{replica.BrokerId}")));

    private static IEnumerable<int> BrokersIn(string? list)
        => (list ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(entry => entry.Split(':') is [_, var broker] && int.TryParse(broker, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : -1)
            .Where(id => id >= 0);

    private async Task<List<(ConfigResource Resource, IReadOnlyList<ConfigEntry> Entries)>> DescribeAsync(
        ConfigResource[] resources, ConfigSource source, string[] keys, CancellationToken cancellationToken)
    {
        if (resources.Length == 0)
        {
            return [];
        }

        // A topic that was deleted has no throttle, and neither has a broker that nobody knows of.
        var descriptions = await admin.DescribeConfigsAsync(resources, cancellationToken).ConfigureAwait(false);
        return
        [
            .. descriptions.Where(description => description.Error == ErrorCode.None).Select(description => (
                description.Resource,
                (IReadOnlyList<ConfigEntry>)[.. description.Entries.Where(entry => entry.Source == source && keys.Contains(entry.Name, StringComparer.Ordinal))])),
        ];
    }

    private async Task AlterAsync(ConfigAlteration[] alterations, CancellationToken cancellationToken)
    {
        if (alterations.Length == 0)
        {
            return;
        }

        var results = await admin.AlterConfigsAsync(alterations, cancellationToken: cancellationToken).ConfigureAwait(false);
        foreach (var (result, alteration) in results.Zip(alterations))
        {
            if (result.Error != ErrorCode.None)
            {
                var kind = alteration.Resource.Type == ConfigResourceType.Topic ? "topic" : "broker";
                throw new CommandFailedException($"the throttle of {kind} '{alteration.Resource.Name}' could not be changed: {result.ErrorMessage ?? result.Error.WireName()}");
            }
        }
    }
}
