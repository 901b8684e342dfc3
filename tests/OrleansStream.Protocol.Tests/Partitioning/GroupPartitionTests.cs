using OrleansStream.Protocol.Partitioning;

namespace OrleansStream.Protocol.Tests.Partitioning;

public sealed class GroupPartitionTests
{
    // Java's hash codes: 97, 99162322, -1906497762, and the one that has no absolute value.
    [Theory]
    [InlineData("", 0)]
    [InlineData("a", 47)]
    [InlineData("hello", 22)]
    [InlineData("my-group", 12)]
    [InlineData("polygenelubricants", 0)]
    public void Of_IsTheRuleOfKafka(string groupId, int expected) => GroupPartition.Of(groupId, 50).ShouldBe(expected);
}
