using System.Collections.Immutable;
using OrleansStream.Abstractions;
using OrleansStream.Core.Controller;
using OrleansStream.Metadata.Registry;

namespace OrleansStream.Grains.Cluster;

/// <summary>
/// Begins, changes and calls off reassignments: writes them to the topics' nodes, which the controller acts on. Which replicas are in sync
/// is part of the decision, so the write fails if that has changed meanwhile.
/// </summary>
internal sealed class ReassignmentAdministration(ConfigService configs)
{
    private TopicRegistry Topics => configs.Session.Topics;

    /// <summary>Alters reassignments, each one by itself.</summary>
    /// <returns>An outcome for each, in order.</returns>
    public async Task<PartitionOutcome[]> AlterAsync(PartitionReassignment[] wanted, CancellationToken cancellationToken)
    {
        var outcomes = new PartitionOutcome[wanted.Length];
        foreach (var topic in Enumerable.Range(0, wanted.Length).GroupBy(i => wanted[i].Topic, StringComparer.Ordinal))
        {
            await AlterAsync(topic.Key, wanted, [.. topic], outcomes, cancellationToken);
        }

        return outcomes;
    }

    /// <summary>The reassignments that are under way.</summary>
    public async Task<OngoingReassignment[]> ListAsync(TopicPartitions[]? asked, CancellationToken cancellationToken)
    {
        var wanted = asked is null ? null : TopicPartitions.Flatten(asked).ToHashSet();
        var topics = await Topics.ReadTopicsAsync(null, null, cancellationToken);
        return [.. topics
            .SelectMany(topic => topic.Assignment.TopicPartitions.Zip(topic.Assignment.Partitions))
            .Where(entry => entry.Second.IsBeingReassigned && wanted?.Contains(entry.First) != false)
            .OrderBy(entry => entry.First)
            .Select(entry => new OngoingReassignment(
                entry.First.Topic, entry.First.Partition, [.. entry.Second.Replicas], [.. entry.Second.AddingReplicas], [.. entry.Second.RemovingReplicas]))];
    }

    private async Task AlterAsync(string topic, PartitionReassignment[] wanted, int[] indexes, PartitionOutcome[] outcomes, CancellationToken cancellationToken)
    {
        while (true)
        {
            var current = await Topics.ReadTopicAsync(topic, null, cancellationToken);
            if (current is null || (await Topics.ReadMarksAsync(null, cancellationToken)).Contains(topic, StringComparer.Ordinal))
            {
                foreach (var i in indexes)
                {
                    outcomes[i] = Unknown(wanted[i]);
                }

                return;
            }

            var brokers = (await configs.Session.Cluster.ReadBrokersAsync(null, cancellationToken)).Select(broker => broker.BrokerId).ToHashSet();
            var states = await Topics.ReadStatesAsync(current.Assignment.TopicPartitions, cancellationToken);
            var partitions = current.Assignment.Partitions.ToBuilder();
            var decidedOn = new List<(TopicPartition Partition, int PartitionEpoch)>();
            foreach (var i in indexes)
            {
                var partition = new TopicPartition(topic, wanted[i].Partition);
                if ((uint)partition.Partition >= (uint)partitions.Count)
                {
                    outcomes[i] = Unknown(wanted[i]);
                    continue;
                }

                var state = states.GetValueOrDefault(partition);
                var before = partitions[partition.Partition];
                var planned = wanted[i].Replicas is { } replicas
                    ? ReassignmentPlanner.Begin(partition, before, state?.LeaderAndIsr.Isr, [.. replicas], brokers)
                    : ReassignmentPlanner.Cancel(partition, before, state?.LeaderAndIsr.Isr);
                outcomes[i] = new PartitionOutcome(topic, partition.Partition, planned.Error, planned.Message);
                if (!planned.IsSuccess)
                {
                    continue;
                }

                partitions[partition.Partition] = planned.Value;
                if (before.IsBeingReassigned && state is not null)
                {
                    decidedOn.Add((partition, state.PartitionEpoch));
                }
            }

            var next = current.Assignment with { Partitions = partitions.ToImmutable() };
            if (next == current.Assignment || (await Topics.ReassignAsync(next, current.Version, decidedOn, cancellationToken)).IsSuccess)
            {
                return;
            }
        }
    }

    private static PartitionOutcome Unknown(PartitionReassignment wanted)
        => new(wanted.Topic, wanted.Partition, ErrorCode.UnknownTopicOrPartition, $"There is no partition {wanted.Partition} of topic '{wanted.Topic}'.");
}
