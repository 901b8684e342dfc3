namespace OrleansStream.Metadata.Local;

/// <summary>A change of the tree that has been decided: what the journal keeps and replay applies.</summary>
internal abstract record TreeChange
{
    private TreeChange()
    {
    }

    /// <summary>A node appears; <paramref name="EphemeralOwner"/> is 0 for a persistent one.</summary>
    public sealed record Create(string Path, ReadOnlyMemory<byte> Data, long EphemeralOwner) : TreeChange;

    /// <summary>A node disappears.</summary>
    public sealed record Delete(string Path) : TreeChange;

    /// <summary>A node's data is replaced.</summary>
    public sealed record SetData(string Path, ReadOnlyMemory<byte> Data) : TreeChange;

    /// <summary>A session starts.</summary>
    public sealed record OpenSession(long SessionId) : TreeChange;

    /// <summary>A session ends, and its ephemeral nodes with it.</summary>
    public sealed record CloseSession(long SessionId) : TreeChange;
}
