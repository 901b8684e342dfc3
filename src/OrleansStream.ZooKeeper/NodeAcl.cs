using System.Collections.Immutable;
using OrleansStream.Metadata;

namespace OrleansStream.ZooKeeper;

/// <summary>A node's access list.</summary>
/// <param name="Entries">The list.</param>
/// <param name="Stat">The node's numbers; <see cref="NodeStat.AclVersion"/> is what a change expects.</param>
public sealed record NodeAcl(ImmutableArray<AclEntry> Entries, NodeStat Stat);
