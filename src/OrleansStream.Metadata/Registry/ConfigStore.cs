using System.Collections.Immutable;
using System.Globalization;
using OrleansStream.Core;
using OrleansStream.Metadata.Layout;

namespace OrleansStream.Metadata.Registry;

/// <summary>The configurations of topics and brokers in the metadata store, and the notifications of their changes.</summary>
/// <remarks>It keeps no state and checks no values: that is for <see cref="Core.Configuration.ConfigAlterer"/>.</remarks>
public sealed class ConfigStore
{
    /// <summary>How long a notification stays, so that every broker sees it; as in Kafka.</summary>
    public static readonly TimeSpan NotificationLifetime = TimeSpan.FromMinutes(15);

    /// <summary>Keeps reads of everything within what a session lets wait.</summary>
    private const int MaxConcurrentReads = 1000;

    private readonly IMetadataStore _store;
    private readonly TimeProvider _time;

    /// <summary>Works on a session.</summary>
    public ConfigStore(IMetadataStore store, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(time);
        _store = store;
        _time = time;
    }

    /// <summary>What is set on an entity; empty if nothing is.</summary>
    public async Task<ImmutableDictionary<string, string>> ReadAsync(ConfigEntity entity, CancellationToken cancellationToken)
        => (await _store.GetDataAsync(entity.Path, null, cancellationToken)).TryGetValue(out var node)
            ? ZNodePayload.ReadConfig(entity.Path, node.Data)
            : ImmutableDictionary<string, string>.Empty;

    /// <summary>What is set on each topic.</summary>
    public async Task<ImmutableDictionary<string, ImmutableDictionary<string, string>>> ReadTopicsAsync(CancellationToken cancellationToken)
    {
        var names = (await _store.GetChildrenAsync(ZNodes.TopicConfigs, null, cancellationToken)).Value.Names;
        var configs = ImmutableDictionary.CreateBuilder<string, ImmutableDictionary<string, string>>(StringComparer.Ordinal);
        foreach (var chunk in names.Chunk(MaxConcurrentReads))
        {
            configs.AddRange(await Task.WhenAll(chunk.Select(async name => KeyValuePair.Create(
                name, await ReadAsync(new ConfigEntity(ConfigResourceType.Topic, name), cancellationToken)))));
        }

        return configs.ToImmutable();
    }

    /// <summary>
    /// Changes what is set on an entity and notifies the brokers, in one transaction. If somebody else changes it at the same time,
    /// the change is decided again on the new values.
    /// </summary>
    /// <param name="entity">The entity; a topic must exist.</param>
    /// <param name="alter">Decides on the new values, given those that are set; may be called more than once.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The new values, the failure that was decided, or <see cref="ErrorCode.UnknownTopicOrPartition"/>.</returns>
    public async Task<Outcome<ImmutableDictionary<string, string>>> AlterAsync(
        ConfigEntity entity,
        Func<ImmutableDictionary<string, string>, Outcome<ImmutableDictionary<string, string>>> alter,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(alter);
        while (true)
        {
            var current = (await _store.GetDataAsync(entity.Path, null, cancellationToken)).TryGetValue(out var node)
                ? ZNodePayload.ReadConfig(entity.Path, node.Data)
                : ImmutableDictionary<string, string>.Empty;
            var altered = alter(current);
            if (!altered.IsSuccess)
            {
                return altered;
            }

            var data = ZNodePayload.WriteConfig(altered.Value);
            var result = await _store.MultiAsync(
                [
                    new MultiOperation.Check(entity.Type == ConfigResourceType.Topic ? ZNodes.Topic(entity.Name) : ZNodes.BrokerConfigs, -1),
                    node is null ? new MultiOperation.Create(entity.Path, data) : new MultiOperation.SetData(entity.Path, data, node.Stat.Version),
                    new MultiOperation.Create(
                        NodePath.Join(ZNodes.ConfigChanges, ZNodes.ConfigChangePrefix),
                        ZNodePayload.WriteConfigChange(entity.EntityPath),
                        CreateMode.PersistentSequential),
                ],
                cancellationToken);
            switch (result.FailedIndex)
            {
                case -1:
                    return altered;
                case 0 when entity.Type == ConfigResourceType.Topic:
                    return Outcome.Failure(ErrorCode.UnknownTopicOrPartition, $"Topic '{entity.Name}' does not exist.");
                case 1:
                    continue;
                default:
                    throw new MetadataOperationException(result.Error, result.Results[result.FailedIndex].Path);
            }
        }
    }

    /// <summary>The notifications after one that was read before, in order, and the removal of those that every broker has seen.</summary>
    /// <param name="afterSequence">The number of the last one read; -1 for all.</param>
    /// <param name="watch">Called when there is a new one.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<ImmutableArray<ConfigNotification>> ReadNotificationsAsync(
        long afterSequence, Action<WatchEvent>? watch, CancellationToken cancellationToken)
    {
        var names = (await _store.GetChildrenAsync(ZNodes.ConfigChanges, watch, cancellationToken)).Value.Names;
        var oldestMs = (_time.GetUtcNow() - NotificationLifetime).ToUnixTimeMilliseconds();
        var notifications = ImmutableArray.CreateBuilder<ConfigNotification>();
        var reads = names.Select(name => NodePath.Join(ZNodes.ConfigChanges, name)).Select(path => (path, _store.GetDataAsync(path, null, cancellationToken)));
        foreach (var (path, read) in reads.ToArray())
        {
            if (!(await read).TryGetValue(out var node))
            {
                continue;
            }

            var sequence = SequenceOf(path);
            if (sequence > afterSequence)
            {
                notifications.Add(new ConfigNotification(sequence, ZNodePayload.ReadConfigChange(path, node.Data)));
            }

            if (node.Stat.CreatedTimeMs < oldestMs)
            {
                // Another broker may have been faster; it is gone either way.
                await _store.DeleteAsync(path, -1, cancellationToken);
            }
        }

        notifications.Sort((a, b) => a.Sequence.CompareTo(b.Sequence));
        return notifications.ToImmutable();
    }

    private static long SequenceOf(string path)
        => long.TryParse(NodePath.Name(path).AsSpan(ZNodes.ConfigChangePrefix.Length), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var sequence)
            ? sequence
            : throw new ZNodeFormatException(path, $"its name is not {ZNodes.ConfigChangePrefix} with a number");
}
