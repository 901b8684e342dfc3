using System.Collections.Immutable;
using OrleansStream.Core.Controller;

namespace OrleansStream.Core.Tests.Controller;

public class PartitionLeaderElectionTests
{
    [Theory]
    [InlineData("1,2,3", "1,2,3", "1,2,3", false, 1)]
    [InlineData("1,2,3", "1,2,3", "2,3", false, 2)]
    [InlineData("1,2,3", "3,2,1", "3,2", false, 2)]
    [InlineData("1,2,3", "3", "1,2,3", false, 3)]
    [InlineData("1,2,3", "1", "2,3", false, null)]
    [InlineData("1,2,3", "1", "2,3", true, 2)]
    [InlineData("1,2,3", "3", "2,3", true, 3)]
    [InlineData("1,2,3", "1", "", true, null)]
    [InlineData("1,2,3", "1", "4", true, null)]
    public void Offline_TakesTheFirstLiveInSyncReplica_OrIfAllowedTheFirstLiveOne(string replicas, string isr, string live, bool unclean, int? expected)
        => PartitionLeaderElection.Offline(Ids(replicas), Ids(isr), Ids(live).ToHashSet(), unclean).ShouldBe(expected);

    [Theory]
    [InlineData("4,5", "1,4,5", "1,4,5", 4)]
    [InlineData("4,5", "1,5", "1,4,5", 5)]
    [InlineData("4,5", "1", "1,4,5", null)]
    [InlineData("4,5", "4,5", "5", 5)]
    public void Reassignment_TakesTheFirstNewReplicaThatIsInSync(string target, string isr, string live, int? expected)
        => PartitionLeaderElection.Reassignment(Ids(target), Ids(isr), Ids(live).ToHashSet()).ShouldBe(expected);

    [Theory]
    [InlineData("1,2", "2,1", "1,2", 1)]
    [InlineData("1,2", "2", "1,2", null)]
    [InlineData("1,2", "1,2", "2", null)]
    [InlineData("", "", "", null)]
    public void Preferred_TakesTheFirstReplicaOrNobody(string replicas, string isr, string live, int? expected)
        => PartitionLeaderElection.Preferred(Ids(replicas), Ids(isr), Ids(live).ToHashSet()).ShouldBe(expected);

    [Theory]
    [InlineData("1,2,3", "1,2,3", "1,2,3", "1", 2)]
    [InlineData("1,2,3", "1,2,3", "1,2,3", "1,2", 3)]
    [InlineData("1,2,3", "1,3", "1,2,3", "1", 3)]
    [InlineData("1,2,3", "1,2,3", "1,3", "1", 3)]
    [InlineData("1,2,3", "1", "1,2,3", "1", null)]
    [InlineData("1", "1", "1", "1", null)]
    public void ControlledShutdown_TakesTheFirstOther(string replicas, string isr, string live, string shuttingDown, int? expected)
        => PartitionLeaderElection.ControlledShutdown(Ids(replicas), Ids(isr), Ids(live).ToHashSet(), Ids(shuttingDown).ToHashSet()).ShouldBe(expected);

    private static ImmutableArray<int> Ids(string text) => [.. text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
}
