using System.Collections.Immutable;
using OrleansStream.Core;
using OrleansStream.Core.Quotas;
using OrleansStream.Metadata.Layout;

namespace OrleansStream.Metadata.Registry;

/// <summary>The client quotas in the metadata store, as Kafka stores them.</summary>
/// <remarks>It keeps no state and checks no values: that is for <see cref="QuotaAlterer"/>. Changes are notified like those of configurations.</remarks>
public sealed class QuotaStore
{
    private readonly IMetadataStore _store;

    /// <summary>Works on a session.</summary>
    public QuotaStore(IMetadataStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        _store = store;
    }

    /// <summary>What is stored for an entity, credentials of a user included; empty if nothing is.</summary>
    public async Task<ImmutableDictionary<string, string>> ReadAsync(QuotaEntity entity, CancellationToken cancellationToken)
        => Values(QuotaPath.NodeOf(entity), await FindAsync(QuotaPath.NodeOf(entity), cancellationToken));

    /// <summary>Every entity that something is stored for, in the order of their paths.</summary>
    /// <param name="malformed">Told of a node that cannot be read, which is passed over then.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<ImmutableArray<(QuotaEntity Entity, ImmutableDictionary<string, string> Values)>> ReadAllAsync(
        Action<ZNodeFormatException> malformed, CancellationToken cancellationToken)
    {
        var users = await ChildrenAsync("users", cancellationToken);
        var ofUsers = await Task.WhenAll(users.Select(user => ChildrenAsync($"{user}/clients", cancellationToken)));
        string[] paths =
        [
            .. users, .. ofUsers.SelectMany(paths => paths),
            .. await ChildrenAsync("clients", cancellationToken), .. await ChildrenAsync("ips", cancellationToken),
        ];
        var read = await Task.WhenAll(paths.Order(StringComparer.Ordinal).Select(async path =>
            (Entity: QuotaPath.TryParse(path, out var entity) ? entity.Value : default, Values: await ReadNodeAsync(path, malformed, cancellationToken))));
        return [.. read.Where(quota => quota.Entity != default && !quota.Values.IsEmpty)];
    }

    /// <summary>
    /// Changes what is stored for an entity and notifies the brokers, in one transaction. A node that would be empty is removed. If somebody else
    /// changes it at the same time, the change is decided again on the new values.
    /// </summary>
    /// <param name="entity">The entity.</param>
    /// <param name="alter">Decides on the new values, given those that are stored; may be called more than once.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Success, or the failure that was decided.</returns>
    public async Task<Outcome> AlterAsync(
        QuotaEntity entity,
        Func<ImmutableDictionary<string, string>, Outcome<ImmutableDictionary<string, string>>> alter,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(alter);
        var path = QuotaPath.NodeOf(entity);
        while (true)
        {
            var node = await FindAsync(path, cancellationToken);
            var altered = alter(Values(path, node));
            if (!altered.IsSuccess)
            {
                return altered.WithoutValue();
            }

            if (altered.Value.IsEmpty && node is null)
            {
                return Outcome.Success;
            }

            if (node is not null && altered.Value.IsEmpty && await TryAsync(entity, [new MultiOperation.Delete(path, node.Stat.Version)], cancellationToken))
            {
                await RemoveEmptyParentsAsync(entity, cancellationToken);
                return Outcome.Success;
            }

            // A user that client ids have quotas of keeps an empty node.
            var data = ZNodePayload.WriteConfig(altered.Value);
            MultiOperation[] writes = node is null
                ? [.. await MissingParentsAsync(entity, cancellationToken), new MultiOperation.Create(path, data)]
                : [new MultiOperation.SetData(path, data, node.Stat.Version)];
            if (await TryAsync(entity, writes, cancellationToken))
            {
                return Outcome.Success;
            }
        }
    }

    private async Task<bool> TryAsync(QuotaEntity entity, MultiOperation[] writes, CancellationToken cancellationToken)
    {
        var result = await _store.MultiAsync(
            [
                .. writes,
                new MultiOperation.Create(
                    NodePath.Join(ZNodes.ConfigChanges, ZNodes.ConfigChangePrefix),
                    ZNodePayload.WriteConfigChange(QuotaPath.Of(entity)),
                    CreateMode.PersistentSequential),
            ],
            cancellationToken);
        return result.FailedIndex >= 0 && result.FailedIndex >= writes.Length
            ? throw new MetadataOperationException(result.Error, result.Results[result.FailedIndex].Path)
            : result.FailedIndex < 0;
    }

    /// <summary>A user's node and the one of its client ids.</summary>
    private static string[] ParentsOf(QuotaEntity entity)
    {
        if (entity is not { User: not null, ClientId: not null })
        {
            return [];
        }

        var clients = NodePath.Parent(QuotaPath.NodeOf(entity));
        return [NodePath.Parent(clients), clients];
    }

    private async Task<MultiOperation[]> MissingParentsAsync(QuotaEntity entity, CancellationToken cancellationToken)
    {
        var missing = new List<MultiOperation>();
        foreach (var parent in ParentsOf(entity))
        {
            if (await _store.ExistsAsync(parent, null, cancellationToken) is null)
            {
                missing.Add(new MultiOperation.Create(parent, ReadOnlyMemory<byte>.Empty));
            }
        }

        return [.. missing];
    }

    /// <summary>What is not empty, or is just being filled, stays: that is what the store's answer says.</summary>
    private async Task RemoveEmptyParentsAsync(QuotaEntity entity, CancellationToken cancellationToken)
    {
        foreach (var parent in ParentsOf(entity).Reverse())
        {
            var node = await FindAsync(parent, cancellationToken);
            if (node is null || !Values(parent, node).IsEmpty || await _store.DeleteAsync(parent, node.Stat.Version, cancellationToken) != MetadataError.None)
            {
                return;
            }
        }
    }

    private async Task<string[]> ChildrenAsync(string path, CancellationToken cancellationToken)
        => (await _store.GetChildrenAsync(NodePath.Join(ZNodes.Config, path), null, cancellationToken)).TryGetValue(out var children)
            ? [.. children.Names.Select(name => $"{path}/{name}")]
            : [];

    private async Task<ImmutableDictionary<string, string>> ReadNodeAsync(string path, Action<ZNodeFormatException> malformed, CancellationToken cancellationToken)
    {
        var node = NodePath.Join(ZNodes.Config, path);
        try
        {
            return Values(node, await FindAsync(node, cancellationToken));
        }
        catch (ZNodeFormatException exception)
        {
            malformed(exception);
            return ImmutableDictionary<string, string>.Empty;
        }
    }

    private async Task<NodeData?> FindAsync(string path, CancellationToken cancellationToken)
        => (await _store.GetDataAsync(path, null, cancellationToken)).TryGetValue(out var node) ? node : null;

    private static ImmutableDictionary<string, string> Values(string path, NodeData? node)
        => node is null ? ImmutableDictionary<string, string>.Empty : ZNodePayload.ReadConfig(path, node.Data);
}
