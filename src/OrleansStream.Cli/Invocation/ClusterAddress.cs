namespace OrleansStream.Cli.Invocation;

/// <summary>Where a cluster is: one of the two is given.</summary>
/// <param name="Bootstrap">Gateways, with commas between them.</param>
/// <param name="ZooKeeper">The connect string of the ZooKeeper that knows them.</param>
internal sealed record ClusterAddress(string? Bootstrap, string? ZooKeeper);
