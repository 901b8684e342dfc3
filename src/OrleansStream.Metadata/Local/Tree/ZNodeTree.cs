using System.Collections.Immutable;

namespace OrleansStream.Metadata.Local;

/// <summary>
/// The whole tree after some transaction. Immutable: a batch that the disk refuses is undone by keeping the tree from before it.
/// </summary>
internal sealed class ZNodeTree
{
    private ZNodeTree(long lastZxid, ImmutableDictionary<string, ZNode> nodes, ImmutableSortedSet<long> sessions)
    {
        LastZxid = lastZxid;
        Nodes = nodes;
        Sessions = sessions;
    }

    /// <summary>The root only, before the first transaction.</summary>
    public static ZNodeTree Empty { get; } = new(
        0, ImmutableDictionary.Create<string, ZNode>(StringComparer.Ordinal).Add("/", ZNode.Root), []);

    /// <summary>The last transaction that was applied; each has the number after the one before.</summary>
    public long LastZxid { get; }

    /// <summary>The nodes by path.</summary>
    public ImmutableDictionary<string, ZNode> Nodes { get; }

    /// <summary>The sessions that have not ended.</summary>
    public ImmutableSortedSet<long> Sessions { get; }

    /// <summary>A tree as a snapshot holds it.</summary>
    public static ZNodeTree Restore(long lastZxid, ImmutableDictionary<string, ZNode> nodes, ImmutableSortedSet<long> sessions)
        => new(lastZxid, nodes, sessions);

    /// <summary>The ephemeral nodes of a session, in order of their path.</summary>
    public IEnumerable<string> EphemeralsOf(long sessionId)
        => Nodes.Where(node => node.Value.EphemeralOwner == sessionId).Select(node => node.Key).Order(StringComparer.Ordinal);

    /// <summary>The tree after a transaction.</summary>
    /// <exception cref="InvalidOperationException">The transaction does not fit this tree.</exception>
    public ZNodeTree Apply(TreeTransaction transaction)
    {
        if (transaction.Zxid != LastZxid + 1)
        {
            throw new InvalidOperationException($"transaction {transaction.Zxid} follows transaction {LastZxid}");
        }

        var tree = this;
        foreach (var change in transaction.Changes)
        {
            tree = tree.Apply(change, transaction.Zxid, transaction.TimeMs);
        }

        return new ZNodeTree(transaction.Zxid, tree.Nodes, tree.Sessions);
    }

    /// <summary>The tree after one change of a transaction; <see cref="LastZxid"/> stays until the transaction is complete.</summary>
    public ZNodeTree Apply(TreeChange change, long zxid, long timeMs)
        => change switch
        {
            TreeChange.Create create => With(WithCreated(create, zxid, timeMs)),
            TreeChange.Delete delete => With(WithDeleted(Nodes, delete.Path, zxid)),
            TreeChange.SetData set => With(WithData(set, zxid, timeMs)),
            TreeChange.OpenSession open => new ZNodeTree(LastZxid, Nodes, Sessions.Add(open.SessionId)),
            TreeChange.CloseSession close => new ZNodeTree(
                LastZxid,
                EphemeralsOf(close.SessionId).ToArray().Aggregate(Nodes, (nodes, path) => WithDeleted(nodes, path, zxid)),
                Sessions.Remove(close.SessionId)),
            _ => throw new InvalidOperationException($"unknown change {change}"),
        };

    private static ImmutableDictionary<string, ZNode> WithDeleted(ImmutableDictionary<string, ZNode> nodes, string path, long zxid)
    {
        var node = Existing(nodes, path);
        if (!node.Children.IsEmpty || path == "/")
        {
            throw new InvalidOperationException($"'{path}' has children and cannot be deleted");
        }

        var parentPath = NodePath.Parent(path);
        var parent = Existing(nodes, parentPath);
        return nodes
            .Remove(path)
            .SetItem(parentPath, parent with { Children = parent.Children.Remove(NodePath.Name(path)), ChildrenZxid = zxid });
    }

    private static ZNode Existing(ImmutableDictionary<string, ZNode> nodes, string path)
        => nodes.TryGetValue(path, out var node) ? node : throw new InvalidOperationException($"'{path}' does not exist");

    private ImmutableDictionary<string, ZNode> WithCreated(TreeChange.Create create, long zxid, long timeMs)
    {
        var parentPath = NodePath.Parent(create.Path);
        var parent = Existing(Nodes, parentPath);
        if (Nodes.ContainsKey(create.Path))
        {
            throw new InvalidOperationException($"'{create.Path}' exists already");
        }

        return Nodes
            .Add(create.Path, new ZNode(create.Data, zxid, zxid, zxid, timeMs, timeMs, 0, 0, create.EphemeralOwner, ZNode.NoChildren))
            .SetItem(
                parentPath,
                parent with
                {
                    Children = parent.Children.Add(NodePath.Name(create.Path)),
                    ChildrenCreated = unchecked(parent.ChildrenCreated + 1),
                    ChildrenZxid = zxid,
                });
    }

    private ImmutableDictionary<string, ZNode> WithData(TreeChange.SetData set, long zxid, long timeMs)
    {
        var node = Existing(Nodes, set.Path);
        return Nodes.SetItem(
            set.Path,
            node with { Data = set.Data, Version = unchecked(node.Version + 1), ModifiedZxid = zxid, ModifiedTimeMs = timeMs });
    }

    private ZNodeTree With(ImmutableDictionary<string, ZNode> nodes) => new(LastZxid, nodes, Sessions);
}
