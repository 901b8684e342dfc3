namespace OrleansStream.Metadata;

/// <summary>A node's data and numbers at one moment.</summary>
/// <param name="Data">The data. The store never changes this memory; the caller must not either.</param>
/// <param name="Stat">The numbers.</param>
public sealed record NodeData(ReadOnlyMemory<byte> Data, NodeStat Stat);
