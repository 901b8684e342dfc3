namespace OrleansStream.Client;

/// <summary>What a member had before, by its own word.</summary>
/// <param name="Partitions">The partitions.</param>
/// <param name="GenerationId">The generation in which it had them; -1 if unknown. The newer word counts.</param>
internal readonly record struct PriorOwnership(IReadOnlyList<TopicPartition> Partitions, int GenerationId);
