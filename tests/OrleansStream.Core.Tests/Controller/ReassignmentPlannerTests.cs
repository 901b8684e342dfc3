using System.Collections.Immutable;
using OrleansStream.Core.Controller;

namespace OrleansStream.Core.Tests.Controller;

public class ReassignmentPlannerTests
{
    private static readonly TopicPartition Partition = new("t", 0);
    private static readonly HashSet<int> Brokers = [1, 2, 3, 4, 5];

    [Fact]
    public void Begin_AddsAndRemoves_TheNewOnesFirst()
        => Begin(new ReplicaAssignment(1, 2, 3), [1, 2, 3], 3, 4).Value.ShouldBe(new ReplicaAssignment([3, 4, 1, 2], [4], [1, 2]));

    [Fact]
    public void Begin_ChangesTheOrderAtOnce_WhenNothingMoves()
        => Begin(new ReplicaAssignment(1, 2, 3), [1], 2, 1, 3).Value.ShouldBe(new ReplicaAssignment(2, 1, 3));

    [Fact]
    public void Begin_GoesOnToAnotherTarget_FromTheOriginalReplicas()
        => Begin(new ReplicaAssignment([3, 4, 1, 2], [3, 4], [1, 2]), [1, 2, 3], 5).Value.ShouldBe(new ReplicaAssignment([5, 1, 2], [5], [1, 2]));

    [Theory]
    [InlineData]
    [InlineData(1, 1)]
    [InlineData(1, 9)]
    [InlineData(-1)]
    public void Begin_RefusesReplicasThatCannotBe(params int[] target)
        => Begin(new ReplicaAssignment(1, 2), [1, 2], target).Error.ShouldBe(ErrorCode.InvalidReplicaAssignment);

    [Fact]
    public void Begin_IsRefused_WhenItDropsAllInSync()
        => Begin(new ReplicaAssignment([3, 1], [3], [1]), [3], 2).Error.ShouldBe(ErrorCode.InvalidReplicaAssignment);

    [Fact]
    public void Cancel_GoesBackToTheOriginalReplicas()
        => ReassignmentPlanner.Cancel(Partition, new ReplicaAssignment([3, 4, 1, 2], [3, 4], [1, 2]), [1, 3]).Value.ShouldBe(new ReplicaAssignment(1, 2));

    [Fact]
    public void Cancel_IsRefused_WhenAllInSyncAreBeingAdded()
        => ReassignmentPlanner.Cancel(Partition, new ReplicaAssignment([3, 4, 1, 2], [3, 4], [1, 2]), [3, 4]).Error.ShouldBe(ErrorCode.InvalidReplicaAssignment);

    [Fact]
    public void Cancel_IsRefused_WhenNothingIsUnderWay()
        => ReassignmentPlanner.Cancel(Partition, new ReplicaAssignment(1, 2), [1, 2]).Error.ShouldBe(ErrorCode.NoReassignmentInProgress);

    private static Outcome<ReplicaAssignment> Begin(ReplicaAssignment current, ImmutableArray<int> isr, params int[] target)
        => ReassignmentPlanner.Begin(Partition, current, isr, [.. target], Brokers);
}
