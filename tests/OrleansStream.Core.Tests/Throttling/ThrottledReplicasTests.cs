using OrleansStream.Core.Throttling;

namespace OrleansStream.Core.Tests.Throttling;

public sealed class ThrottledReplicasTests
{
    [Fact]
    public void Contains_KnowsTheReplicasOfTheList()
    {
        var replicas = ThrottledReplicas.Parse(["0:1", "3:12"]);

        replicas.Contains(0, 1).ShouldBeTrue();
        replicas.Contains(3, 12).ShouldBeTrue();
        replicas.Contains(3, 1).ShouldBeFalse();
        replicas.Contains(0, 12).ShouldBeFalse();
    }

    [Fact]
    public void Contains_IsAll_ForAStar_AndNone_ForAnEmptyList()
    {
        ThrottledReplicas.Parse(["*"]).Contains(7, 7).ShouldBeTrue();
        ThrottledReplicas.Parse([]).Contains(0, 0).ShouldBeFalse();
        Should.Throw<FormatException>(() => ThrottledReplicas.Parse(["0-1"]));
    }
}
