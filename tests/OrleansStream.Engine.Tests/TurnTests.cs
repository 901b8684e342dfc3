using OrleansStream.Engine.Tests.Grains;

namespace OrleansStream.Engine.Tests;

public sealed class TurnTests(ClusterFixture cluster) : IClassFixture<ClusterFixture>
{
    private static string Key => Guid.NewGuid().ToString("N");

    [Theory]
    [InlineData(typeof(TurnGrain), 1)]
    [InlineData(typeof(ReentrantTurnGrain), int.MaxValue)]
    public async Task Turns_NeverRunAtOnce_UnderManyCalls(Type grainClass, int callsThatMayInterleave)
    {
        var grain = cluster.Local.GetGrain<ITurnGrain>(Key, grainClass.FullName);
        const int Calls = 500;
        const int Steps = 20;

        await Task.WhenAll(Enumerable.Range(0, Calls).Select(_ => Task.Run(() => grain.CountAsync(Steps)))).WaitAsync(TestGates.Limit, TestContext.Current.CancellationToken);

        var counts = await grain.GetCountsAsync();
        counts[0].ShouldBe(Calls * Steps);
        counts[1].ShouldBeLessThanOrEqualTo(callsThatMayInterleave);
    }

    [Fact]
    public async Task Write_WaitsForAWrite_WhenTheGrainIsNotReentrant()
    {
        var key = Key;
        var grain = cluster.Local.GetGrain<ITurnGrain>(key, typeof(TurnGrain).FullName);
        var first = grain.WriteAsync(key + 1);
        await TestGates.EnteredAsync(key + 1);
        var second = grain.WriteAsync(key + 2);

        // A call that may interleave comes through, so the second write has been looked at and was left waiting.
        await PassAsync(grain, key);
        TestGates.HasEntered(key + 2).ShouldBeFalse();

        TestGates.Open(key + 1);
        await TestGates.EnteredAsync(key + 2);
        TestGates.Open(key + 2);
        await Task.WhenAll(first, second).WaitAsync(TestGates.Limit, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Write_RunsBesideAWrite_WhenTheGrainIsReentrant()
    {
        var key = Key;
        var grain = cluster.Local.GetGrain<ITurnGrain>(key, typeof(ReentrantTurnGrain).FullName);

        var calls = Task.WhenAll(grain.WriteAsync(key), grain.WriteAsync(key));
        await TestGates.EnteredAsync(key);
        await TestGates.EnteredAsync(key);

        TestGates.Open(key);
        await calls.WaitAsync(TestGates.Limit, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Reads_RunBesideEachOther_ButNotBesideAWrite()
    {
        var key = Key;
        var grain = cluster.Local.GetGrain<ITurnGrain>(key, typeof(TurnGrain).FullName);
        var reads = Task.WhenAll(grain.ReadAsync(key + "r"), grain.ReadAsync(key + "r"));
        await TestGates.EnteredAsync(key + "r");
        await TestGates.EnteredAsync(key + "r");
        var write = grain.WriteAsync(key + "w");
        var lateRead = grain.ReadAsync(key + "l");
        await PassAsync(grain, key);
        TestGates.HasEntered(key + "w").ShouldBeFalse("a write must wait for the reads");
        TestGates.HasEntered(key + "l").ShouldBeFalse("a read must not overtake a waiting write");

        TestGates.Open(key + "r");
        await reads;
        await TestGates.EnteredAsync(key + "w");
        await PassAsync(grain, key);
        TestGates.HasEntered(key + "l").ShouldBeFalse("a read must wait for the write");
        TestGates.Open(key + "w");
        await TestGates.EnteredAsync(key + "l");
        TestGates.Open(key + "l");
        await Task.WhenAll(write, lateRead).WaitAsync(TestGates.Limit, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task StatelessWorker_RunsAsManyCallsAtOnceAsItMay()
    {
        var key = Key;
        var grain = cluster.Remote.GetGrain<IWorkerGrain>(0);
        var calls = Enumerable.Range(0, 3).Select(_ => grain.WorkAsync(key)).ToArray();
        await TestGates.EnteredAsync(key);
        await TestGates.EnteredAsync(key);
        TestGates.HasEntered(key).ShouldBeFalse("there are two workers at most");
        TestGates.Open(key);

        var workers = await Task.WhenAll(calls).WaitAsync(TestGates.Limit, TestContext.Current.CancellationToken);

        workers.Distinct().Count().ShouldBe(2);
    }

    private static async Task PassAsync(ITurnGrain grain, string key)
    {
        var gate = key + Guid.NewGuid();
        TestGates.Open(gate);
        await grain.PeekAsync(gate).WaitAsync(TestGates.Limit);
    }
}
