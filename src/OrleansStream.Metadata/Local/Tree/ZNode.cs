using System.Collections.Immutable;

namespace OrleansStream.Metadata.Local;

/// <summary>A node of a <see cref="ZNodeTree"/>.</summary>
internal sealed record ZNode(
    ReadOnlyMemory<byte> Data,
    long CreatedZxid,
    long ModifiedZxid,
    long ChildrenZxid,
    long CreatedTimeMs,
    long ModifiedTimeMs,
    int Version,
    int ChildrenCreated,
    long EphemeralOwner,
    ImmutableSortedSet<string> Children)
{
    public static readonly ImmutableSortedSet<string> NoChildren = ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    public static readonly ZNode Root = new(ReadOnlyMemory<byte>.Empty, 0, 0, 0, 0, 0, 0, 0, 0, NoChildren);

    /// <summary>As ZooKeeper, which counts created children and derives the number of changes: created plus deleted ones.</summary>
    public NodeStat Stat => new(
        CreatedZxid,
        ModifiedZxid,
        ChildrenZxid,
        CreatedTimeMs,
        ModifiedTimeMs,
        Version,
        unchecked((2 * ChildrenCreated) - Children.Count),
        0,
        EphemeralOwner,
        Data.Length,
        Children.Count);
}
