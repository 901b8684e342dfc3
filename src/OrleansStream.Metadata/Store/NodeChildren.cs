using System.Collections.Immutable;

namespace OrleansStream.Metadata;

/// <summary>A node's children and numbers at one moment.</summary>
/// <param name="Names">The children's names without the parent's path, in ordinal order.</param>
/// <param name="Stat">The parent's numbers.</param>
public sealed record NodeChildren(ImmutableArray<string> Names, NodeStat Stat);
