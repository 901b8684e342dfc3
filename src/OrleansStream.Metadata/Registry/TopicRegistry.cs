using System.Collections.Immutable;
using OrleansStream.Core;
using OrleansStream.Core.Controller;
using OrleansStream.Metadata.Layout;

namespace OrleansStream.Metadata.Registry;

/// <summary>The topics in the metadata store: assignments, marks for deletion, and the state of each partition.</summary>
/// <remarks>
/// It keeps no state. It belongs to one session; a new session gets a new one. Writes that only the controller may make take its
/// <see cref="ControllerFence"/> and answer <see cref="ErrorCode.StaleControllerEpoch"/> once another was elected.
/// </remarks>
public sealed partial class TopicRegistry
{
    private readonly IMetadataStore _store;

    /// <summary>Works on a session.</summary>
    public TopicRegistry(IMetadataStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        _store = store;
    }

    /// <summary>Creates a topic: its assignment, id and configuration in one transaction.</summary>
    /// <returns>Success, or <see cref="ErrorCode.TopicAlreadyExists"/>.</returns>
    public async Task<Outcome> CreateTopicAsync(
        TopicAssignment topic, IReadOnlyDictionary<string, string> configs, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(topic);
        ArgumentNullException.ThrowIfNull(configs);
        var configPath = ZNodes.TopicConfig(topic.Topic);
        var mayBeDone = false;
        while (true)
        {
            // A configuration that was left behind, or set ahead of the topic, is replaced.
            var left = await _store.ExistsAsync(configPath, null, cancellationToken);
            var config = ZNodePayload.WriteConfig(configs);
            MultiResult result;
            try
            {
                result = await _store.MultiAsync(
                    [
                        new MultiOperation.Create(ZNodes.Topic(topic.Topic), ZNodePayload.WriteTopic(topic)),
                        left is null ? new MultiOperation.Create(configPath, config) : new MultiOperation.SetData(configPath, config, left.Version),
                    ],
                    cancellationToken);
            }
            catch (MetadataUnavailableException exception) when (exception.IsOutcomeUnknown)
            {
                // The answer was lost; the next try finds out whether this one took effect.
                mayBeDone = true;
                continue;
            }

            switch (result.Error, result.FailedIndex)
            {
                case (MetadataError.None, _):
                    return Outcome.Success;
                case (MetadataError.NodeExists, 0) when mayBeDone
                    && (await ReadTopicAsync(topic.Topic, null, cancellationToken))?.Assignment.TopicId == topic.TopicId:
                    return Outcome.Success;
                case (MetadataError.NodeExists, 0):
                    return Outcome.Failure(ErrorCode.TopicAlreadyExists, $"Topic '{topic.Topic}' already exists.");
                case (_, 0):
                    throw new MetadataOperationException(result.Error, ZNodes.Topics);
                default:
                    continue;
            }
        }
    }

    /// <summary>All topics in order of their name.</summary>
    /// <param name="topicsWatch">Called when a topic comes or goes.</param>
    /// <param name="assignmentWatch">Called when a topic's assignment changes.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<ImmutableArray<VersionedTopic>> ReadTopicsAsync(
        Action<WatchEvent>? topicsWatch, Action<WatchEvent>? assignmentWatch, CancellationToken cancellationToken)
    {
        var names = (await _store.GetChildrenAsync(ZNodes.Topics, topicsWatch, cancellationToken)).Value.Names;
        var topics = ImmutableArray.CreateBuilder<VersionedTopic>(names.Length);
        foreach (var chunk in names.Chunk(MaxConcurrentReads))
        {
            topics.AddRange((await Task.WhenAll(chunk.Select(name => ReadTopicAsync(name, assignmentWatch, cancellationToken)))).OfType<VersionedTopic>());
        }

        return topics.ToImmutable();
    }

    /// <summary>A topic; null if there is none.</summary>
    /// <param name="topic">Its name.</param>
    /// <param name="watch">Called when its assignment changes or it is removed.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<VersionedTopic?> ReadTopicAsync(string topic, Action<WatchEvent>? watch, CancellationToken cancellationToken)
        => (await _store.GetDataAsync(ZNodes.Topic(topic), watch, cancellationToken)).TryGetValue(out var node)
            ? new VersionedTopic(ZNodePayload.ReadTopic(topic, node.Data) with { Version = node.Stat.Version }, node.Stat.Version)
            : null;

    /// <summary>Replaces a topic's assignment: more partitions, or a reassignment.</summary>
    /// <param name="topic">The topic as it is to be.</param>
    /// <param name="expectedVersion">The version of what was changed.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Success, <see cref="ErrorCode.UnknownTopicOrPartition"/>, or <see cref="ErrorCode.InvalidUpdateVersion"/> if somebody else was faster: read again and retry.</returns>
    public async Task<Outcome> SetAssignmentAsync(TopicAssignment topic, int expectedVersion, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(topic);
        var set = await _store.SetDataAsync(ZNodes.Topic(topic.Topic), ZNodePayload.WriteTopic(topic), expectedVersion, cancellationToken);
        return set.Error switch
        {
            MetadataError.None => Outcome.Success,
            MetadataError.NoNode => Unknown(topic.Topic),
            MetadataError.BadVersion => Outcome.Failure(ErrorCode.InvalidUpdateVersion, $"Topic '{topic.Topic}' was changed at the same time."),
            _ => throw new MetadataOperationException(set.Error, set.Path),
        };
    }

    /// <summary>Replaces a topic's assignment if, besides, the states of some partitions are still what the decision was made on.</summary>
    /// <returns>Success, or <see cref="ErrorCode.InvalidUpdateVersion"/> if the topic or one of the states has changed or is gone: read again and retry.</returns>
    public async Task<Outcome> ReassignAsync(
        TopicAssignment topic, int expectedVersion, IEnumerable<(TopicPartition Partition, int PartitionEpoch)> states, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(topic);
        var result = await _store.MultiAsync(
            [
                .. states.Select(state => new MultiOperation.Check(ZNodes.PartitionState(state.Partition), state.PartitionEpoch)),
                new MultiOperation.SetData(ZNodes.Topic(topic.Topic), ZNodePayload.WriteTopic(topic), expectedVersion),
            ],
            cancellationToken);
        return result.IsSuccess ? Outcome.Success : Outcome.Failure(ErrorCode.InvalidUpdateVersion, $"Topic '{topic.Topic}' was changed at the same time.");
    }

    /// <summary>
    /// Records that replicas have moved: takes the adding and removing ones out of the assignments. A partition that has got another
    /// assignment meanwhile, or is gone, is passed over.
    /// </summary>
    /// <returns>Success, or <see cref="ErrorCode.StaleControllerEpoch"/>.</returns>
    public async Task<Outcome> FinishReassignmentsAsync(
        ControllerFence fence, IReadOnlyCollection<FinishedReassignment> finished, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(fence);
        ArgumentNullException.ThrowIfNull(finished);
        foreach (var topic in finished.GroupBy(entry => entry.Partition.Topic, StringComparer.Ordinal))
        {
            var carriedOut = topic.ToDictionary(entry => entry.Partition.Partition, entry => entry.Assignment);
            while (await ReadTopicAsync(topic.Key, null, cancellationToken) is { } current)
            {
                var assignment = current.Assignment with
                {
                    Partitions = [.. current.Assignment.Partitions.Select(
                        (replicas, i) => carriedOut.GetValueOrDefault(i) == replicas ? new ReplicaAssignment(replicas.TargetReplicas) : replicas)],
                };
                if (assignment == current.Assignment)
                {
                    break;
                }

                var result = await _store.MultiAsync(
                    [fence.Check, new MultiOperation.SetData(ZNodes.Topic(topic.Key), ZNodePayload.WriteTopic(assignment), current.Version)], cancellationToken);
                if (result.IsSuccess)
                {
                    break;
                }

                if (result.FailedIndex == 0)
                {
                    return Fenced(fence);
                }
            }
        }

        return Outcome.Success;
    }

    /// <summary>Marks a topic for deletion; the controller does the rest. A topic that is marked already stays so.</summary>
    /// <returns>Success, or <see cref="ErrorCode.UnknownTopicOrPartition"/>.</returns>
    public async Task<Outcome> MarkForDeletionAsync(string topic, CancellationToken cancellationToken)
    {
        var result = await _store.MultiAsync(
            [new MultiOperation.Check(ZNodes.Topic(topic), -1), new MultiOperation.Create(ZNodes.DeleteTopic(topic), default)], cancellationToken);
        return (result.Error, result.FailedIndex) switch
        {
            (MetadataError.None, _) or (MetadataError.NodeExists, 1) => Outcome.Success,
            (MetadataError.NoNode, 0) => Unknown(topic),
            _ => throw new MetadataOperationException(result.Error, ZNodes.DeleteTopic(topic)),
        };
    }

    /// <summary>The topics that are marked for deletion.</summary>
    /// <param name="watch">Called when a mark comes or goes.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<ImmutableArray<string>> ReadMarksAsync(Action<WatchEvent>? watch, CancellationToken cancellationToken)
        => (await _store.GetChildrenAsync(ZNodes.DeleteTopics, watch, cancellationToken)).Value.Names;

    /// <summary>Removes marks for deletion and nothing else.</summary>
    /// <returns>Success, or <see cref="ErrorCode.StaleControllerEpoch"/>.</returns>
    public async Task<Outcome> RemoveMarksAsync(ControllerFence fence, IReadOnlyCollection<string> topics, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(topics);
        foreach (var topic in topics)
        {
            var outcome = await DeleteAllAsync(fence, [ZNodes.DeleteTopic(topic)], cancellationToken);
            if (!outcome.IsSuccess)
            {
                return outcome;
            }
        }

        return Outcome.Success;
    }

    /// <summary>
    /// Deletes the nodes of a topic's partitions, then in one transaction the topic, its configuration and its mark: a controller that takes
    /// over on the way finds the mark and starts again, and no topic that is made anew under the name gets into the deletion. A topic that is
    /// gone already is no error.
    /// </summary>
    /// <returns>Success, or <see cref="ErrorCode.StaleControllerEpoch"/>.</returns>
    public async Task<Outcome> RemoveTopicAsync(ControllerFence fence, string topic, CancellationToken cancellationToken)
    {
        var partitions = await ReadPartitionNumbersAsync(topic, cancellationToken);
        string[] states = [.. partitions.SelectMany(partition => new[] { ZNodes.PartitionState(partition), ZNodes.Partition(partition) })];
        var emptied = await DeleteAllAsync(fence, states, cancellationToken);
        return emptied.IsSuccess
            ? await DeleteAllAsync(
                fence, [ZNodes.Partitions(topic), ZNodes.Topic(topic), ZNodes.TopicConfig(topic), ZNodes.DeleteTopic(topic)], cancellationToken)
            : emptied;
    }

    private static Outcome Unknown(string topic) => Outcome.Failure(ErrorCode.UnknownTopicOrPartition, $"Topic '{topic}' does not exist.");

    private static Outcome Fenced(ControllerFence fence)
        => Outcome.Failure(ErrorCode.StaleControllerEpoch, $"Another controller was elected after epoch {fence.ControllerEpoch}.");

    private async Task<ImmutableArray<TopicPartition>> ReadPartitionNumbersAsync(string topic, CancellationToken cancellationToken)
    {
        if (!(await _store.GetChildrenAsync(ZNodes.Partitions(topic), null, cancellationToken)).TryGetValue(out var children))
        {
            return [];
        }

        return
        [
            .. children.Names
                .Select(name => int.TryParse(name, out var number)
                    ? new TopicPartition(topic, number)
                    : throw new ZNodeFormatException(NodePath.Join(ZNodes.Partitions(topic), name), "its name is not a partition number"))
                .Order(),
        ];
    }

    /// <summary>Deletes those of some nodes that exist, in order, several in a transaction.</summary>
    private async Task<Outcome> DeleteAllAsync(ControllerFence fence, IReadOnlyList<string> paths, CancellationToken cancellationToken)
    {
        foreach (var chunk in paths.Chunk(MaxOperationsPerMulti))
        {
            var rest = chunk.ToList();
            while (rest.Count > 0)
            {
                var result = await _store.MultiAsync([fence.Check, .. rest.Select(path => new MultiOperation.Delete(path, -1))], cancellationToken);
                if (result.IsSuccess)
                {
                    break;
                }

                if (result.FailedIndex == 0)
                {
                    return Fenced(fence);
                }

                if (result.Error != MetadataError.NoNode)
                {
                    throw new MetadataOperationException(result.Error, rest[result.FailedIndex - 1]);
                }

                rest.RemoveAt(result.FailedIndex - 1);
            }
        }

        return Outcome.Success;
    }
}
