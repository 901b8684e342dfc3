namespace OrleansStream.Metadata;

/// <summary>The outcome of one operation of a multi.</summary>
/// <param name="Error">
/// None; the operation's own failure; or, in a multi that failed elsewhere, None for the operations before the failed one
/// (they had no effect either) and <see cref="MetadataError.RuntimeInconsistency"/> for those after it.
/// </param>
/// <param name="Path">The node's path; with the digits of a sequential node when the multi took effect.</param>
/// <param name="Stat">
/// The node's numbers right after a create or a set; null otherwise. The times after a create are 0 where the store does not know them.
/// </param>
public sealed record MultiOperationResult(MetadataError Error, string Path, NodeStat? Stat);
