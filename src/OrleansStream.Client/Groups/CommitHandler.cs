namespace OrleansStream.Client;

/// <summary>Is told how a commit that nobody waits for has ended; called on a thread of the client.</summary>
/// <param name="offsets">What was to be stored.</param>
/// <param name="failure">Why it was not; null if it was.</param>
public delegate void CommitHandler(IReadOnlyDictionary<TopicPartition, CommittedOffset> offsets, OrleansStreamException? failure);
