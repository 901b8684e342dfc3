using OrleansStream.Abstractions;
using OrleansStream.Cli.Reassignments;

namespace OrleansStream.Cli.Tests.Reassignments;

public sealed class ReplicaSpreadTests
{
    [Fact]
    public void Plan_MovesItsShareToABrokerMore_AndNothingElse()
    {
        int[][] current = [[1, 2], [2, 3], [3, 1], [1, 2], [2, 3], [3, 1]];

        var planned = Plan(current, Brokers(1, 2, 3, 4));

        planned.SelectMany(replicas => replicas).Count(id => id == 4).ShouldBe(2);
        planned.Zip(current, (now, before) => now.Except(before).Count()).Sum().ShouldBe(2, "what moves is what the new one gets");
        planned.ShouldAllBe(replicas => replicas.Distinct().Count() == 2);
        planned.GroupBy(replicas => replicas[0]).ShouldAllBe(leads => leads.Count() <= 2);
    }

    [Fact]
    public void Plan_EmptiesABroker_ThatIsNotNamed()
    {
        var planned = Plan([[1, 2, 4], [2, 4, 3], [4, 3, 1]], Brokers(1, 2, 3));

        planned.ShouldAllBe(replicas => replicas.Order().SequenceEqual(new[] { 1, 2, 3 }));
        planned[0][0].ShouldBe(1);
        planned[1][0].ShouldBe(2);
        planned[2][0].ShouldBe(3);
    }

    [Fact]
    public void Plan_ChangesNothing_WhenAllIsWell()
    {
        int[][] current = [[1, 2], [2, 3], [3, 1]];

        Plan(current, Brokers(1, 2, 3)).ShouldBe(current);
    }

    [Fact]
    public void Plan_ChangesTheNumberOfReplicas()
    {
        Plan([[1], [2]], Brokers(1, 2, 3), replicationFactor: 3).Select(replicas => replicas[0]).ShouldBe([1, 2]);
        Plan([[1, 2, 3]], Brokers(1, 2, 3), replicationFactor: 1).ShouldBe([[1]]);
    }

    [Fact]
    public void Plan_PutsReplicasInOtherRacks()
    {
        BrokerMetadata[] brokers = [Broker(1, "a"), Broker(2, "a"), Broker(3, "b")];

        Plan([[1]], brokers, replicationFactor: 2).ShouldBe([[1, 3]]);
    }

    private static int[][] Plan(int[][] current, BrokerMetadata[] brokers, int? replicationFactor = null)
    {
        var partitions = current.Select((replicas, i) => (new TopicPartition("t", i), replicas)).ToArray();
        var planned = ReplicaSpread.Plan(partitions, brokers, replicationFactor);
        return [.. partitions.Select(entry => planned[entry.Item1])];
    }

    private static BrokerMetadata[] Brokers(params int[] ids) => [.. ids.Select(id => Broker(id, null))];

    private static BrokerMetadata Broker(int id, string? rack) => new(id, "localhost", 9092, 10092, rack, 1);
}
