using System.Collections.Immutable;
using OrleansStream.Metadata;

namespace OrleansStream.ZooKeeper;

/// <summary>The outcome of a multi: all of its operations took effect, or none did.</summary>
/// <param name="Error">Ok, or the failed operation's outcome.</param>
/// <param name="FailedIndex">The first operation that failed; -1 on success.</param>
/// <param name="Results">One outcome for each operation, in order.</param>
public sealed record ZooKeeperMultiResult(ZooKeeperError Error, int FailedIndex, ImmutableArray<ZooKeeperOperationResult> Results)
{
    /// <summary>Whether the operations took effect.</summary>
    public bool IsSuccess => Error == ZooKeeperError.Ok;
}

/// <summary>The outcome of one operation of a multi.</summary>
/// <param name="Error">Its own outcome; <see cref="ZooKeeperError.RuntimeInconsistency"/> after one that failed.</param>
/// <param name="Path">The node's path; with the digits of a sequential node when the multi took effect.</param>
/// <param name="Stat">The node's numbers after a create or a set; null otherwise. The times after a create are 0: servers do not tell them.</param>
public sealed record ZooKeeperOperationResult(ZooKeeperError Error, string Path, NodeStat? Stat);
