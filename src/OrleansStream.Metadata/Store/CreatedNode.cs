namespace OrleansStream.Metadata;

/// <summary>A node that was just created.</summary>
/// <param name="Path">Its path, with the digits of a sequential node.</param>
/// <param name="Stat">Its numbers.</param>
public sealed record CreatedNode(string Path, NodeStat Stat);
