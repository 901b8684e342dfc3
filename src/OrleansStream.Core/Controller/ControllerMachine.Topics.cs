using System.Collections.Immutable;

namespace OrleansStream.Core.Controller;

/// <content>Topics that come, grow and go.</content>
public sealed partial class ControllerMachine
{
    private readonly SortedDictionary<string, TopicDeletion> _deletions = new(StringComparer.Ordinal);

    /// <summary>Whether a topic is being deleted.</summary>
    public bool IsBeingDeleted(string topic) => _deletions.ContainsKey(topic);

    /// <summary>Topics or assignments have changed.</summary>
    /// <param name="topics">All topics as they are now.</param>
    public ControllerStep OnTopicsChanged(IReadOnlyCollection<TopicAssignment> topics)
    {
        ArgumentNullException.ThrowIfNull(topics);
        var now = topics.ToDictionary(topic => topic.Topic, StringComparer.Ordinal);
        foreach (var gone in _topics.Keys.Where(name => !now.TryGetValue(name, out var topic) || topic.TopicId != _topics[name].TopicId).ToArray())
        {
            Forget(gone);
            _deletedTopics.Add(gone);
        }

        var affected = new List<TopicPartition>();
        foreach (var topic in topics.OrderBy(topic => topic.Topic, StringComparer.Ordinal))
        {
            var known = _topics.GetValueOrDefault(topic.Topic);
            if (known == topic || IsBeingDeleted(topic.Topic))
            {
                if (known == topic)
                {
                    // The same again, but for the version of its node.
                    _topics[topic.Topic] = topic;
                }

                continue;
            }

            _topics[topic.Topic] = topic;
            _changedTopics.Add(topic.Topic);
            foreach (var partition in topic.TopicPartitions)
            {
                var before = known?.Partitions.ElementAtOrDefault(partition.Partition);
                if (before != topic.Partitions[partition.Partition])
                {
                    NoteReassigned(partition, before, topic.Partitions[partition.Partition]);
                    affected.Add(partition);
                    if (_states.ContainsKey(partition))
                    {
                        _changedPartitions.Add(partition);
                    }
                }
            }
        }

        return Next(affected);
    }

    /// <summary>
    /// Topics are marked for deletion. Brokers forget them at once, and stop and delete their replicas; a replica on a broker that is
    /// not alive holds the deletion up until it is back.
    /// </summary>
    /// <param name="topics">The marked topics.</param>
    /// <param name="isEnabled">Whether topics may be deleted (<c>delete.topic.enable</c>).</param>
    public ControllerStep OnDeletionRequested(IReadOnlyCollection<string> topics, bool isEnabled)
    {
        ArgumentNullException.ThrowIfNull(topics);
        var refused = topics.Where(topic => !isEnabled || !_topics.ContainsKey(topic)).Order(StringComparer.Ordinal).ToImmutableArray();
        foreach (var topic in topics.Except(refused, StringComparer.Ordinal).Where(topic => !IsBeingDeleted(topic)).Order(StringComparer.Ordinal))
        {
            BeginDeletion(topic);
        }

        return Next([], refusedDeletions: refused, removedTopics: FinishedDeletions());
    }

    /// <summary>A broker has stopped replicas, or failed to.</summary>
    /// <param name="brokerId">The broker.</param>
    /// <param name="results">The outcome for each partition. A replica that failed to be deleted is tried again when its broker restarts.</param>
    public ControllerStep OnReplicasStopped(int brokerId, IReadOnlyCollection<(TopicPartition Partition, ErrorCode Error)> results)
    {
        ArgumentNullException.ThrowIfNull(results);
        foreach (var (partition, error) in results)
        {
            // A broker that does not know the replica has nothing to delete.
            if (error is ErrorCode.None or ErrorCode.UnknownTopicOrPartition && _deletions.TryGetValue(partition.Topic, out var deletion))
            {
                deletion.Remaining.Remove((brokerId, partition));
            }
        }

        return Next([], removedTopics: FinishedDeletions());
    }

    /// <summary>The nodes of deleted topics and their marks are gone.</summary>
    public ControllerStep OnTopicsRemoved(IReadOnlyCollection<string> topics)
    {
        ArgumentNullException.ThrowIfNull(topics);
        foreach (var topic in topics)
        {
            Forget(topic);
        }

        return Next([]);
    }

    /// <summary>
    /// The replicas of a partition have changed. It gets a new leader epoch, whatever else: so requests of the time before cannot be taken
    /// for present ones, and no leader can take a replica into its ISR that is about to be stopped.
    /// </summary>
    private void NoteReassigned(TopicPartition partition, ReplicaAssignment? before, ReplicaAssignment now)
    {
        if (before is null || !_states.ContainsKey(partition) || before.Replicas.ToHashSet().SetEquals(now.Replicas))
        {
            return;
        }

        if (!_reassigned.TryGetValue(partition, out var removed))
        {
            _reassigned.Add(partition, removed = []);
        }

        removed.UnionWith(before.Replicas);
    }

    /// <summary>The new leader epoch is written: replicas that are not assigned any more go.</summary>
    private void StopReassigned(TopicPartition partition, LeaderAndIsr state)
    {
        if (!_reassigned.Remove(partition, out var before))
        {
            return;
        }

        var assigned = AssignmentOf(partition).Replicas;
        foreach (var replica in before.Where(replica => !assigned.Contains(replica) && _brokers.ContainsKey(replica)))
        {
            _stops.Add((replica, new ReplicaStop(partition, state.LeaderEpoch, DeletePartition: true)));
        }
    }

    private void BeginDeletion(string topic)
    {
        var assignment = _topics[topic];
        var deletion = new TopicDeletion(
            [.. assignment.TopicPartitions.SelectMany(partition => AssignmentOf(partition).Replicas.Select(replica => (replica, partition)))]);
        _deletions.Add(topic, deletion);
        _deletedTopics.Add(topic);
        foreach (var (brokerId, partition) in deletion.Remaining.Where(replica => _brokers.ContainsKey(replica.BrokerId)))
        {
            Stop(brokerId, partition);
        }
    }

    private void ResumeDeletions(int brokerId)
    {
        foreach (var deletion in _deletions.Values)
        {
            foreach (var (_, partition) in deletion.Remaining.Where(replica => replica.BrokerId == brokerId))
            {
                Stop(brokerId, partition);
            }
        }
    }

    private void Stop(int brokerId, TopicPartition partition)
        => _stops.Add((brokerId, new ReplicaStop(partition, LeaderAndIsr.EpochDuringDelete, DeletePartition: true)));

    private ImmutableArray<string> FinishedDeletions()
        => [.. _deletions.Where(deletion => deletion.Value.Remaining.Count == 0).Select(deletion => deletion.Key)];

    private void Forget(string topic)
    {
        if (_topics.Remove(topic, out var assignment))
        {
            foreach (var partition in assignment.TopicPartitions)
            {
                _states.Remove(partition);
                _reassigned.Remove(partition);
                _changedPartitions.Remove(partition);
                _offlineReplicas.RemoveWhere(replica => replica.Partition == partition);
            }
        }

        _deletions.Remove(topic);
        _changedTopics.Remove(topic);
        _stops.RemoveAll(stop => stop.Stop.Partition.Topic == topic);
    }

    private sealed record TopicDeletion(SortedSet<(int BrokerId, TopicPartition Partition)> Remaining);
}
