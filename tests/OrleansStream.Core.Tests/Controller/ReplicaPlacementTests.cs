using OrleansStream.Core.Controller;

namespace OrleansStream.Core.Tests.Controller;

public class ReplicaPlacementTests
{
    private static readonly BrokerRack[] SixBrokersThreeRacks =
        [new(0, "rack1"), new(1, "rack3"), new(2, "rack3"), new(3, "rack2"), new(4, "rack2"), new(5, "rack1")];

    /// <summary>The example in the documentation of Kafka's replica assignment.</summary>
    [Fact]
    public void Assign_GoesRoundAndShifts_WithoutRacks()
    {
        Assign(Brokers(5), 10, 3, 0, 0).ShouldBe(
            ["0,1,2", "1,2,3", "2,3,4", "3,4,0", "4,0,1", "0,2,3", "1,3,4", "2,4,0", "3,0,1", "4,1,2"]);
        Assign(Brokers(5), 5, 3, 2, 1).ShouldBe(["2,4,0", "3,0,1", "4,1,2", "0,2,3", "1,3,4"]);
    }

    /// <summary>The example in the documentation of Kafka's rack-aware assignment (KIP-36).</summary>
    [Fact]
    public void Assign_AlternatesRacks_WithRacks()
    {
        ReplicaPlacement.AlternateRacks(SixBrokersThreeRacks).Select(broker => broker.BrokerId).ShouldBe([0, 3, 1, 5, 4, 2]);
        Assign(SixBrokersThreeRacks, 7, 3, 0, 0).ShouldBe(["0,3,1", "3,1,5", "1,5,4", "5,4,2", "4,2,0", "2,0,3", "0,4,2"]);
    }

    [Fact]
    public void Assign_GoesOn_WhenPartitionsAreAdded()
        => Assign(Brokers(5), 5, 3, 0, 0, firstPartition: 5).ShouldBe(["0,2,3", "1,3,4", "2,4,0", "3,0,1", "4,1,2"]);

    [Fact]
    public void Assign_IgnoresRacks_WhenSomeBrokersHaveNone()
        => Assign([new(0, "a"), new(1, null), new(2, "a")], 3, 2, 0, 0).ShouldBe(["0,1", "1,2", "2,0"]);

    [Fact]
    public void Assign_TakesTheOneBroker_WhenThereIsOne()
        => Assign([new(7, null)], 3, 1, 5, 9).ShouldBe(["7", "7", "7"]);

    [Theory]
    [InlineData(0, 1, ErrorCode.InvalidPartitions, "Number of partitions must be larger than 0; it is 0.")]
    [InlineData(-5, 1, ErrorCode.InvalidPartitions, "Number of partitions must be larger than 0; it is -5.")]
    [InlineData(1, 0, ErrorCode.InvalidReplicationFactor, "Replication factor must be larger than 0; it is 0.")]
    [InlineData(1, 4, ErrorCode.InvalidReplicationFactor, "Replication factor: 4 larger than available brokers: 3.")]
    public void Assign_Refuses_WhatCannotBe(int partitions, int replicas, ErrorCode error, string message)
        => ReplicaPlacement.Assign(Brokers(3), partitions, replicas, 0, 0).WithoutValue().ShouldBe(Outcome.Failure(error, message));

    [Theory]
    [InlineData(3, 6)]
    [InlineData(4, 12)]
    [InlineData(2, 6)]
    public void Assign_SpreadsEvenly_WhateverTheStart(int racks, int brokerCount)
    {
        var brokers = Enumerable.Range(0, brokerCount).Select(id => new BrokerRack(id, $"rack{id % racks}")).ToArray();
        for (var start = 0; start < 2 * brokerCount; start++)
        {
            var assignment = ReplicaPlacement.Assign(brokers, 4 * brokerCount, racks, start, start * 7).Value;

            assignment.ShouldAllBe(replicas => replicas.Distinct().Count() == racks);
            assignment.ShouldAllBe(replicas => replicas.Select(id => id % racks).Distinct().Count() == racks);
            assignment.GroupBy(replicas => replicas[0]).ShouldAllBe(leaders => leaders.Count() == 4);
        }
    }

    [Fact]
    public void Assign_DoesNotOverflow_WhenTheStartIsHuge()
        => Assign(SixBrokersThreeRacks, 13, 3, int.MaxValue, int.MaxValue - 2).Length.ShouldBe(13);

    private static BrokerRack[] Brokers(int count) => [.. Enumerable.Range(0, count).Select(id => new BrokerRack(id, null))];

    private static string[] Assign(BrokerRack[] brokers, int partitions, int replicas, int startIndex, int startShift, int firstPartition = 0)
        => [.. ReplicaPlacement.Assign(brokers, partitions, replicas, startIndex, startShift, firstPartition).Value.Select(r => string.Join(",", r))];
}
