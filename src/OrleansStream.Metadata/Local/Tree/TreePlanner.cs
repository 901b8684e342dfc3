using System.Collections.Immutable;
using System.Globalization;

namespace OrleansStream.Metadata.Local;

/// <summary>What an operation of a multi comes to: a change and its outcome, or an error.</summary>
internal readonly record struct PlannedOperation(MetadataError Error, string Path, TreeChange? Change);

/// <summary>Decides what operations do to a tree, as ZooKeeper would.</summary>
internal static class TreePlanner
{
    /// <summary>Runs operations one after the other on a tree that is not changed by it.</summary>
    /// <returns>The outcome, the changes, and the tree after them; the given tree if one operation failed.</returns>
    public static (MultiResult Result, ImmutableArray<TreeChange> Changes, ZNodeTree Tree) Plan(
        ZNodeTree tree, IReadOnlyList<MultiOperation> operations, long sessionId, long zxid, long timeMs)
    {
        var results = ImmutableArray.CreateBuilder<MultiOperationResult>(operations.Count);
        var changes = ImmutableArray.CreateBuilder<TreeChange>(operations.Count);
        var after = tree;
        for (var i = 0; i < operations.Count; i++)
        {
            var planned = Plan(after, operations[i], sessionId);
            if (planned.Error != MetadataError.None)
            {
                return (Failed(operations, i, planned.Error), [], tree);
            }

            if (planned.Change is { } change)
            {
                changes.Add(change);
                after = after.Apply(change, zxid, timeMs);
            }

            var stat = planned.Change is TreeChange.Create or TreeChange.SetData ? after.Nodes[planned.Path].Stat : null;
            results.Add(new MultiOperationResult(MetadataError.None, planned.Path, stat));
        }

        return (new MultiResult(MetadataError.None, -1, results.MoveToImmutable()), changes.ToImmutable(), after);
    }

    private static MultiResult Failed(IReadOnlyList<MultiOperation> operations, int index, MetadataError error)
        => new(
            error,
            index,
            [
                .. operations.Select((operation, i) => new MultiOperationResult(
                    i < index ? MetadataError.None : i == index ? error : MetadataError.RuntimeInconsistency, operation.Path, null)),
            ]);

    private static PlannedOperation Plan(ZNodeTree tree, MultiOperation operation, long sessionId)
        => operation switch
        {
            MultiOperation.Create create => PlanCreate(tree, create, sessionId),
            MultiOperation.Delete delete => PlanDelete(tree, delete),
            MultiOperation.SetData set => PlanExisting(
                tree, set.Path, set.Version, () => new TreeChange.SetData(set.Path, set.Data)),
            MultiOperation.Check check => PlanExisting(tree, check.Path, check.Version, () => null),
            _ => throw new InvalidOperationException($"unknown operation {operation}"),
        };

    private static PlannedOperation PlanCreate(ZNodeTree tree, MultiOperation.Create create, long sessionId)
    {
        var parentPath = NodePath.Parent(create.Path);
        if (create.Path == "/")
        {
            return new PlannedOperation(MetadataError.NodeExists, create.Path, null);
        }

        if (!tree.Nodes.TryGetValue(parentPath, out var parent))
        {
            return new PlannedOperation(MetadataError.NoNode, create.Path, null);
        }

        var isSequential = create.Mode is CreateMode.PersistentSequential or CreateMode.EphemeralSequential;
        var path = isSequential
            ? create.Path + parent.ChildrenCreated.ToString("D10", CultureInfo.InvariantCulture)
            : create.Path;
        if (tree.Nodes.ContainsKey(path))
        {
            return new PlannedOperation(MetadataError.NodeExists, path, null);
        }

        if (parent.EphemeralOwner != 0)
        {
            return new PlannedOperation(MetadataError.NoChildrenForEphemerals, path, null);
        }

        var owner = create.Mode is CreateMode.Ephemeral or CreateMode.EphemeralSequential ? sessionId : 0;
        return new PlannedOperation(MetadataError.None, path, new TreeChange.Create(path, create.Data, owner));
    }

    private static PlannedOperation PlanDelete(ZNodeTree tree, MultiOperation.Delete delete)
    {
        var planned = PlanExisting(tree, delete.Path, delete.Version, () => new TreeChange.Delete(delete.Path));
        return planned.Error == MetadataError.None && !tree.Nodes[delete.Path].Children.IsEmpty
            ? new PlannedOperation(MetadataError.NotEmpty, delete.Path, null)
            : planned;
    }

    private static PlannedOperation PlanExisting(ZNodeTree tree, string path, int version, Func<TreeChange?> change)
    {
        if (!tree.Nodes.TryGetValue(path, out var node))
        {
            return new PlannedOperation(MetadataError.NoNode, path, null);
        }

        return version != -1 && version != node.Version
            ? new PlannedOperation(MetadataError.BadVersion, path, null)
            : new PlannedOperation(MetadataError.None, path, change());
    }
}
