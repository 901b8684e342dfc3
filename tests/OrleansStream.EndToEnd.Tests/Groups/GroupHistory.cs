using System.Collections.Concurrent;
using OrleansStream.Client;

namespace OrleansStream.EndToEnd.Tests.Groups;

/// <summary>
/// What members of a group did: what each processed, what it owned and when, and which offsets the broker said are stored. Thread-safe.
/// </summary>
internal sealed class GroupHistory
{
    private readonly ConcurrentDictionary<(TopicPartition Partition, long Offset), int> _processed = new();
    private readonly ConcurrentDictionary<TopicPartition, string> _owners = new();
    private readonly ConcurrentDictionary<(int Generation, TopicPartition Partition), string> _ownersOfGenerations = new();
    private readonly ConcurrentDictionary<TopicPartition, long> _committed = new();
    private readonly ConcurrentQueue<string> _violations = new();

    /// <summary>What must never happen and has happened.</summary>
    public IReadOnlyCollection<string> Violations => _violations;

    /// <summary>The number of partitions that somebody owns.</summary>
    public int OwnedCount => _owners.Count;

    /// <summary>Who owns what.</summary>
    public string Owned => string.Join(", ", _owners.OrderBy(pair => pair.Key.Partition).Select(pair => $"{pair.Key}: {pair.Value}"));

    public void Processed(TopicPartition partition, long offset) => _processed.AddOrUpdate((partition, offset), 1, (_, times) => times + 1);

    /// <summary>The broker has answered that the offset is stored.</summary>
    public void Committed(TopicPartition partition, long offset)
        => _committed.AddOrUpdate(partition, offset, (_, before) => Math.Max(before, offset));

    /// <summary>How often a record was processed.</summary>
    public int TimesProcessed(TopicPartition partition, long offset) => _processed.GetValueOrDefault((partition, offset));

    public bool HasProcessed(IReadOnlyDictionary<TopicPartition, long> ends)
        => ends.All(end => Enumerable.Range(0, (int)end.Value).All(offset => _processed.ContainsKey((end.Key, offset))));

    /// <summary>Compares what the group has stored with what its members were told.</summary>
    public void Check(IReadOnlyDictionary<TopicPartition, CommittedOffset> stored)
    {
        foreach (var (partition, offset) in _committed)
        {
            if (!stored.TryGetValue(partition, out var found) || found.Offset < offset)
            {
                _violations.Enqueue($"offset {offset} of {partition} was stored, but now the group has {found.Offset}");
            }
        }
    }

    /// <summary>A listener that keeps the account of what a member owns.</summary>
    public IRebalanceListener ListenerOf(string member, Func<ConsumerGroupMetadata?> metadata, bool ownsByGeneration) => new Listener(this, member, metadata, ownsByGeneration);

    private sealed class Listener(GroupHistory history, string member, Func<ConsumerGroupMetadata?> metadata, bool ownsByGeneration) : IRebalanceListener
    {
        public ValueTask OnPartitionsAssignedAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken cancellationToken)
        {
            var generation = metadata()?.GenerationId ?? -1;
            foreach (var partition in partitions)
            {
                if (!history._owners.TryAdd(partition, member))
                {
                    history._violations.Enqueue($"{member} got {partition} while {history._owners.GetValueOrDefault(partition)} had it");
                }

                if (ownsByGeneration && history._ownersOfGenerations.GetOrAdd((generation, partition), member) is { } other && other != member)
                {
                    history._violations.Enqueue($"{member} and {other} owned {partition} in generation {generation}");
                }
            }

            return default;
        }

        public ValueTask OnPartitionsRevokedAsync(IReadOnlyList<TopicPartition> partitions, CancellationToken cancellationToken)
        {
            foreach (var partition in partitions)
            {
                history._owners.TryRemove(new KeyValuePair<TopicPartition, string>(partition, member));
            }

            return default;
        }
    }
}
