using OrleansStream.Cli.Invocation;
using OrleansStream.Client;

namespace OrleansStream.Cli.Groups;

/// <summary>What a reset does to one partition.</summary>
/// <param name="TopicPartition">The partition.</param>
/// <param name="Current">What is committed now; null for nothing.</param>
/// <param name="New">What is to be committed.</param>
internal sealed record OffsetChange(TopicPartition TopicPartition, long? Current, long New);

/// <summary>Works out what a reset does, within what the logs have.</summary>
internal sealed class OffsetResetPlanner(IAdminClient admin, TextWriter error)
{
    /// <summary>The changes, in order of the partitions.</summary>
    /// <exception cref="CommandFailedException">A topic or partition is not there, or there is nothing to reset.</exception>
    public async Task<IReadOnlyList<OffsetChange>> PlanAsync(
        string group,
        IReadOnlyList<TopicSelection> topics,
        OffsetReset reset,
        CancellationToken cancellationToken)
    {
        var committed = await admin.ListGroupOffsetsAsync(group, cancellationToken: cancellationToken).ConfigureAwait(false);
        var partitions = await SelectAsync(group, topics, reset, committed.Keys, cancellationToken).ConfigureAwait(false);
        var starts = await FindAsync(partitions, OffsetSpec.Earliest, cancellationToken).ConfigureAwait(false);
        var ends = await FindAsync(partitions, OffsetSpec.Latest, cancellationToken).ConfigureAwait(false);
        var found = reset.To is { IsOffset: false } rule ? await FindAsync(partitions, rule, cancellationToken).ConfigureAwait(false) : null;
        var plan = new List<OffsetChange>();
        foreach (var partition in partitions)
        {
            long? current = committed.TryGetValue(partition, out var known) ? known.Offset : null;
            long wanted;
            if (reset.ShiftBy is { } shift)
            {
                wanted = current is { } from
                    ? (long)Int128.Clamp((Int128)from + shift, 0, long.MaxValue)
                    : throw new CommandFailedException($"group '{group}' has no offset of {partition} to shift; set one with --to-offset, --to-earliest or --to-latest.");
            }
            else
            {
                // No record that late: the end.
                wanted = reset.Offsets is { } given ? given[partition] : found is null ? reset.To!.Value.Offset : found[partition] is >= 0 and var at ? at : ends[partition];
            }

            var allowed = Math.Clamp(wanted, starts[partition], ends[partition]);
            if (allowed != wanted)
            {
                error.WriteLine($"{partition}: {wanted} is outside of what is there ({starts[partition]} to {ends[partition]}); {allowed} is taken");
            }

            plan.Add(new OffsetChange(partition, current, allowed));
        }

        return plan;
    }

    private async Task<TopicPartition[]> SelectAsync(
        string group,
        IReadOnlyList<TopicSelection> topics,
        OffsetReset reset,
        IEnumerable<TopicPartition> committed,
        CancellationToken cancellationToken)
    {
        if (reset.Offsets is { } offsets)
        {
            await CheckAsync(offsets.Keys, cancellationToken).ConfigureAwait(false);
            return [.. offsets.Keys.Order()];
        }

        if (topics.Count == 0)
        {
            return committed.Order().ToArray() is { Length: > 0 } all
                ? all
                : throw new CommandFailedException($"group '{group}' has no offsets; say with --topic which ones to set.");
        }

        var counts = await CountAsync(topics.Select(topic => topic.Topic), cancellationToken).ConfigureAwait(false);
        TopicPartition[] selected = [.. topics.SelectMany(topic => topic.Of(counts[topic.Topic])).Distinct().Order()];
        await CheckAsync(selected, cancellationToken).ConfigureAwait(false);
        return selected;
    }

    private async Task CheckAsync(IEnumerable<TopicPartition> partitions, CancellationToken cancellationToken)
    {
        TopicPartition[] all = [.. partitions];
        var counts = await CountAsync(all.Select(partition => partition.Topic), cancellationToken).ConfigureAwait(false);
        foreach (var partition in all.Where(partition => partition.Partition < 0 || partition.Partition >= counts[partition.Topic]))
        {
            throw new CommandFailedException($"topic '{partition.Topic}' has no partition {partition.Partition}; it has {counts[partition.Topic]}, numbered from 0.");
        }
    }

    private async Task<Dictionary<string, int>> CountAsync(IEnumerable<string> topics, CancellationToken cancellationToken)
    {
        var described = await admin.DescribeTopicsAsync(topics.Distinct(StringComparer.Ordinal), cancellationToken).ConfigureAwait(false);
        return described.ToDictionary(
            topic => topic.Name,
            topic => topic.Error switch
            {
                ErrorCode.None => topic.Partitions.Length,
                ErrorCode.UnknownTopicOrPartition => throw new CommandFailedException($"there is no topic '{topic.Name}'; `ostream topics list` shows those that are."),
                _ => throw new CommandFailedException($"topic '{topic.Name}' cannot be read: {topic.Error.WireName()}."),
            },
            StringComparer.Ordinal);
    }

    private async Task<Dictionary<TopicPartition, long>> FindAsync(TopicPartition[] partitions, OffsetSpec where, CancellationToken cancellationToken)
    {
        var answers = await admin.ListOffsetsAsync(partitions.Select(partition => new TopicPartitionOffset(partition, where)), cancellationToken: cancellationToken).ConfigureAwait(false);
        return answers.ToDictionary(
            answer => answer.Key,
            answer => answer.Value.Error == ErrorCode.None
                ? answer.Value.Offset
                : throw new CommandFailedException($"the offsets of {answer.Key} cannot be found: {answer.Value.Error.WireName()}."));
    }
}
