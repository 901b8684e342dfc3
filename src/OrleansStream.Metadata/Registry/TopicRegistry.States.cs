using System.Collections.Immutable;
using OrleansStream.Core;
using OrleansStream.Core.Controller;
using OrleansStream.Metadata.Layout;

namespace OrleansStream.Metadata.Registry;

/// <content>Leaders and ISRs.</content>
public sealed partial class TopicRegistry
{
    /// <summary>Keeps a multi well below ZooKeeper's limit for a request.</summary>
    private const int MaxOperationsPerMulti = 600;

    private const int MaxWritesPerMulti = 200;

    /// <summary>Keeps reads of everything within what a session lets wait: clusters have more partitions than that.</summary>
    private const int MaxConcurrentReads = 1000;

    /// <summary>The states of partitions; those without one are missing.</summary>
    public async Task<ImmutableDictionary<TopicPartition, PartitionState>> ReadStatesAsync(
        IEnumerable<TopicPartition> partitions, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(partitions);
        var states = ImmutableDictionary.CreateBuilder<TopicPartition, PartitionState>();
        foreach (var chunk in partitions.Chunk(MaxConcurrentReads))
        {
            foreach (var (partition, read) in chunk.Select(p => (p, _store.GetDataAsync(ZNodes.PartitionState(p), null, cancellationToken))).ToArray())
            {
                if ((await read).TryGetValue(out var node))
                {
                    states[partition] = StateOf(ZNodePayload.ReadPartitionState(partition, node.Data), node.Stat);
                }
            }
        }

        return states.ToImmutable();
    }

    /// <summary>
    /// Writes states for the controller. A state whose version is not the expected one, or whose topic's is not, is left alone and does not
    /// hinder the others.
    /// </summary>
    /// <returns>A result for each write, in order, or <see cref="ErrorCode.StaleControllerEpoch"/>: then some may have been written.</returns>
    public async Task<Outcome<ImmutableArray<PartitionStateWriteResult>>> WriteStatesAsync(
        ControllerFence fence, IReadOnlyList<PartitionStateWrite> writes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(fence);
        ArgumentNullException.ThrowIfNull(writes);
        var results = ImmutableArray.CreateBuilder<PartitionStateWriteResult>(writes.Count);
        foreach (var chunk in writes.Chunk(MaxWritesPerMulti))
        {
            if (!await WriteChunkAsync(fence, chunk, results, cancellationToken))
            {
                return Fenced(fence);
            }
        }

        return Outcome.Of(results.ToImmutable());
    }

    /// <summary>Changes the ISR on behalf of the leader.</summary>
    /// <returns>The state as it now is, or null if its version was not the expected one: the controller was faster.</returns>
    public async Task<PartitionState?> TryUpdateIsrAsync(
        TopicPartition partition, LeaderAndIsr state, int expectedEpoch, CancellationToken cancellationToken)
    {
        var set = await _store.SetDataAsync(ZNodes.PartitionState(partition), ZNodePayload.WritePartitionState(state), expectedEpoch, cancellationToken);
        return set.TryGetValue(out var stat) ? StateOf(state, stat) : null;
    }

    /// <summary>Tells the controller that leaders have changed ISRs.</summary>
    public async Task NotifyIsrChangeAsync(IEnumerable<TopicPartition> partitions, CancellationToken cancellationToken)
        => _ = (await _store.CreateAsync(
            NodePath.Join(ZNodes.IsrChanges, ZNodes.IsrChangePrefix),
            ZNodePayload.WriteIsrChange(partitions),
            CreateMode.PersistentSequential,
            cancellationToken)).Value;

    /// <summary>Reads and removes the notifications of changed ISRs.</summary>
    /// <param name="fence">The controller's election.</param>
    /// <param name="watch">Called when there is a new one.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The partitions to read again, or <see cref="ErrorCode.StaleControllerEpoch"/>.</returns>
    public async Task<Outcome<ImmutableSortedSet<TopicPartition>>> TakeIsrChangesAsync(
        ControllerFence fence, Action<WatchEvent>? watch, CancellationToken cancellationToken)
    {
        var names = (await _store.GetChildrenAsync(ZNodes.IsrChanges, watch, cancellationToken)).Value.Names;
        var paths = names.Select(name => NodePath.Join(ZNodes.IsrChanges, name)).ToArray();
        var partitions = ImmutableSortedSet.CreateBuilder<TopicPartition>();
        foreach (var (path, read) in paths.Select(path => (path, _store.GetDataAsync(path, null, cancellationToken))).ToArray())
        {
            if ((await read).TryGetValue(out var node))
            {
                partitions.UnionWith(ZNodePayload.ReadIsrChange(path, node.Data));
            }
        }

        var removed = await DeleteAllAsync(fence, paths, cancellationToken);
        return removed.IsSuccess ? Outcome.Of(partitions.ToImmutable()) : removed;
    }

    private static PartitionState StateOf(LeaderAndIsr state, NodeStat stat) => new(state, stat.Version, stat.ModifiedZxid);

    /// <returns>False if another controller was elected.</returns>
    private async Task<bool> WriteChunkAsync(
        ControllerFence fence,
        IReadOnlyList<PartitionStateWrite> writes,
        ImmutableArray<PartitionStateWriteResult>.Builder results,
        CancellationToken cancellationToken)
    {
        var written = new PartitionState?[writes.Count];
        var rest = Enumerable.Range(0, writes.Count).ToList();
        while (rest.Count > 0)
        {
            // Parents are looked at again in each round: they change with the writes that are left out.
            var operations = new List<(IReadOnlyList<int> Writes, MultiOperation Operation)> { ([], fence.Check) };
            await AddOperationsAsync(operations, writes, rest, cancellationToken);
            var result = await _store.MultiAsync([.. operations.Select(operation => operation.Operation)], cancellationToken);
            if (result.IsSuccess)
            {
                for (var i = 0; i < operations.Count; i++)
                {
                    if (operations[i].Writes is [var index, ..] && operations[i].Operation.Path == ZNodes.PartitionState(writes[index].Partition))
                    {
                        written[index] = StateOf(writes[index].LeaderAndIsr, result.Results[i].Stat!);
                    }
                }

                break;
            }

            if (operations[result.FailedIndex].Writes is not { Count: > 0 } failed)
            {
                return false;
            }

            rest.RemoveAll(failed.Contains);
        }

        results.AddRange(writes.Select((write, i) => new PartitionStateWriteResult(write, written[i])));
        return true;
    }

    /// <summary>The topics must be those that were decided on. A new state's parents are made with it, where they are missing.</summary>
    private async Task AddOperationsAsync(
        List<(IReadOnlyList<int> Writes, MultiOperation Operation)> operations, IReadOnlyList<PartitionStateWrite> writes, List<int> rest, CancellationToken cancellationToken)
    {
        operations.AddRange(rest
            .GroupBy(i => (writes[i].Partition.Topic, writes[i].TopicVersion))
            .Select(topic => ((IReadOnlyList<int>)[.. topic], (MultiOperation)new MultiOperation.Check(ZNodes.Topic(topic.Key.Topic), topic.Key.TopicVersion))));
        var existing = new HashSet<string>(StringComparer.Ordinal);
        foreach (var topic in rest.Where(i => writes[i].ExpectedEpoch is null).Select(i => writes[i].Partition.Topic).Distinct(StringComparer.Ordinal))
        {
            var parent = ZNodes.Partitions(topic);
            if ((await _store.GetChildrenAsync(parent, null, cancellationToken)).TryGetValue(out var children))
            {
                existing.Add(parent);
                existing.UnionWith(children.Names.Select(name => NodePath.Join(parent, name)));
            }
        }

        foreach (var i in rest)
        {
            var (partition, state, expected) = writes[i];
            var data = ZNodePayload.WritePartitionState(state);
            if (expected is { } version)
            {
                operations.Add(([i], new MultiOperation.SetData(ZNodes.PartitionState(partition), data, version)));
                continue;
            }

            foreach (var parent in new[] { ZNodes.Partitions(partition.Topic), ZNodes.Partition(partition) })
            {
                if (existing.Add(parent))
                {
                    operations.Add(([i], new MultiOperation.Create(parent, default)));
                }
            }

            operations.Add(([i], new MultiOperation.Create(ZNodes.PartitionState(partition), data)));
        }
    }
}
