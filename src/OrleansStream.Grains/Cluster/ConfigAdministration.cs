using System.Collections.Immutable;
using System.Globalization;
using Orleans;
using OrleansStream.Abstractions;
using OrleansStream.Core;
using OrleansStream.Core.Configuration;
using OrleansStream.Core.Topics;
using OrleansStream.Metadata.Registry;

namespace OrleansStream.Grains.Cluster;

/// <summary>
/// Describes and changes the configurations of topics and brokers. What another broker has in force, that one is asked for; what is set
/// while it runs is in the store, so that it can be changed while that broker is away.
/// </summary>
internal sealed class ConfigAdministration(ConfigService configs, Brokers.BrokerState broker, IGrainFactory grains)
{
    private readonly string _ownName = broker.BrokerId.ToString(CultureInfo.InvariantCulture);

    /// <summary>All entries of a resource with their sources.</summary>
    public async Task<ConfigDescription> DescribeAsync(ConfigResource resource, CancellationToken cancellationToken)
    {
        var known = await CheckAsync(resource, cancellationToken);
        if (!known.IsSuccess)
        {
            return new ConfigDescription(resource, known.Error, known.Message, []);
        }

        if (resource.Type == ConfigResourceType.Topic)
        {
            var topic = await configs.GetAsync(resource.Name, cancellationToken);
            return new ConfigDescription(resource, ErrorCode.None, null, [.. topic.ResolveAll().Select(EntryOf)]);
        }

        if (resource.Name == _ownName)
        {
            return new ConfigDescription(resource, ErrorCode.None, null, [.. configs.Broker.ResolveAll().Select(EntryOf)]);
        }

        if (resource.Name.Length > 0 && await IsRegisteredAsync(resource.Name, cancellationToken))
        {
            return await grains.GetGrain<IBrokerGrain>(int.Parse(resource.Name, CultureInfo.InvariantCulture)).DescribeConfigAsync(cancellationToken);
        }

        // The cluster-wide default, and a broker that is away, have no values that anybody knows but those that are set.
        var set = await configs.Session.Configs.ReadAsync(Entity(resource), cancellationToken);
        var source = resource.Name.Length == 0 ? ConfigSource.DynamicDefaultBrokerConfig : ConfigSource.DynamicBrokerConfig;
        return new ConfigDescription(
            resource,
            ErrorCode.None,
            null,
            [.. configs.Broker.ResolveAll().Where(entry => set.ContainsKey(entry.Key.Name))
                .Select(entry => EntryOf(entry with { Value = set[entry.Key.Name], Source = source }))]);
    }

    /// <summary>Changes entries of a resource, all or none.</summary>
    public async Task<TopicResult> AlterAsync(ConfigAlteration alteration, bool validateOnly, CancellationToken cancellationToken)
    {
        var resource = alteration.Resource;
        var known = await CheckAsync(resource, cancellationToken);
        if (!known.IsSuccess)
        {
            return Result(resource, known);
        }

        var changes = alteration.Changes.Select(change => new ConfigKeyChange(change.Name, change.Operation, change.Value)).ToArray();
        if (validateOnly)
        {
            return Result(resource, Alter(await configs.Session.Configs.ReadAsync(Entity(resource), cancellationToken)).WithoutValue());
        }

        var altered = await configs.Session.Configs.AlterAsync(Entity(resource), Alter, cancellationToken);
        return Result(resource, altered.WithoutValue());

        Outcome<ImmutableDictionary<string, string>> Alter(ImmutableDictionary<string, string> current)
            => resource.Type == ConfigResourceType.Topic
                ? ConfigAlterer.AlterTopic(current, changes, configs.Broker)
                : ConfigAlterer.AlterBroker(current, changes, configs.Broker);
    }

    private static ConfigEntity Entity(ConfigResource resource) => new(resource.Type, resource.Name);

    private ConfigEntry EntryOf(ResolvedConfig entry) => new(
        entry.Key.Name,
        entry.Key.IsSensitive ? null : entry.Value,
        entry.Source,
        entry.Key.IsReadOnly,
        entry.Key.IsSensitive,
        entry.Key.Type,
        entry.Key.Documentation,
        [.. ChainOf(entry).Select(synonym => new ConfigSynonym(synonym.Key.Name, synonym.Key.IsSensitive ? null : synonym.Value, synonym.Source))]);

    /// <summary>A topic's own value, then those of the broker's keys that it inherits from; a broker's key from all its places.</summary>
    private IEnumerable<ResolvedConfig> ChainOf(ResolvedConfig entry)
    {
        if (BrokerConfigKeys.All.Find(entry.Key.Name) is { IsSuccess: true } brokerKey && ReferenceEquals(brokerKey.Value, entry.Key))
        {
            return configs.Broker.ResolveChain(entry.Key);
        }

        var own = entry.Source == ConfigSource.DynamicTopicConfig ? new[] { entry } : [];
        var inherited = entry.Key.Synonyms.SelectMany(synonym => configs.Broker.ResolveChain(BrokerConfigKeys.All.Find(synonym.Name).Value)).ToArray();
        return inherited.Length == 0 && own.Length == 0 ? [entry] : own.Concat(inherited);
    }

    private async Task<bool> IsRegisteredAsync(string name, CancellationToken cancellationToken)
        => (await configs.Session.Cluster.ReadBrokersAsync(null, cancellationToken)).Any(
            registered => registered.BrokerId.ToString(CultureInfo.InvariantCulture) == name);

    private static TopicResult Result(ConfigResource resource, Outcome outcome) => new(resource.Name, Guid.Empty, outcome.Error, outcome.Message);

    private async Task<Outcome> CheckAsync(ConfigResource resource, CancellationToken cancellationToken)
    {
        switch (resource.Type)
        {
            case ConfigResourceType.Topic when TopicName.Validate(resource.Name) is { IsSuccess: false } invalid:
                return invalid;
            case ConfigResourceType.Topic:
                return await configs.Session.Topics.ReadTopicAsync(resource.Name, null, cancellationToken) is null
                    ? Outcome.Failure(ErrorCode.UnknownTopicOrPartition, $"Topic '{resource.Name}' does not exist.")
                    : Outcome.Success;
            case ConfigResourceType.Broker when resource.Name.Length == 0 || resource.Name == _ownName:
                return Outcome.Success;
            case ConfigResourceType.Broker:
                return await IsRegisteredAsync(resource.Name, cancellationToken)
                    || !(await configs.Session.Configs.ReadAsync(Entity(resource), cancellationToken)).IsEmpty
                        ? Outcome.Success
                        : Outcome.Failure(
                            ErrorCode.InvalidRequest,
                            $"There is no broker '{resource.Name}' in the cluster, and none of that id has a configuration; an empty name means all brokers.");
            default:
                return Outcome.Failure(ErrorCode.InvalidRequest, $"Resource type {(byte)resource.Type} has no configuration; 2 (topic) and 4 (broker) have.");
        }
    }
}
