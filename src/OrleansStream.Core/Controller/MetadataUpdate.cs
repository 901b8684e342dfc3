using System.Collections.Immutable;

namespace OrleansStream.Core.Controller;

/// <summary>What has changed in the cluster.</summary>
/// <param name="IsFull">Whether this is everything and replaces what a broker knows.</param>
/// <param name="Brokers">The brokers that are alive.</param>
/// <param name="Topics">Topics of which all partitions follow; a topic without partitions has none with a state yet.</param>
/// <param name="DeletedTopics">Topics to forget.</param>
public sealed record MetadataUpdate(
    bool IsFull, ImmutableArray<LiveBroker> Brokers, ImmutableArray<TopicMetadataUpdate> Topics, ImmutableArray<string> DeletedTopics);

/// <summary>The metadata of a topic.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="TopicId">Its id.</param>
/// <param name="Partitions">All of its partitions that have a state, in order of their number.</param>
public sealed record TopicMetadataUpdate(string Topic, Guid TopicId, ImmutableArray<PartitionInstruction> Partitions);
