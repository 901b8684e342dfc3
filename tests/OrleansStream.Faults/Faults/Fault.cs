using OrleansStream.Faults.Running;

namespace OrleansStream.Faults.Faults;

/// <summary>Something bad that happens to a cluster, lasts for a while and is undone.</summary>
/// <param name="Name">Its name on the command line and in the table.</param>
/// <param name="WhyNot">Why it cannot be done to a cluster; null if it can.</param>
/// <param name="RunAsync">Does it and undoes it.</param>
public sealed record Fault(string Name, Func<FaultCluster, string?> WhyNot, Func<FaultScene, Task> RunAsync);
