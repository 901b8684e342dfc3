using Orleans.Runtime;
using OrleansStream.Engine.Tests.Grains;

namespace OrleansStream.Engine.Tests;

public sealed class StreamTests(ClusterFixture cluster) : IClassFixture<ClusterFixture>
{
    private static string Key => Guid.NewGuid().ToString("N");

    [Theory]
    [InlineData(true, 0)]
    [InlineData(true, 1000)]
    [InlineData(false, 0)]
    [InlineData(false, 1)]
    [InlineData(false, 1000)]
    public async Task Stream_BringsEveryItemInOrder(bool isLocal, int count)
    {
        var items = new List<int>();
        await foreach (var item in cluster.From(isLocal).GetGrain<IProbeGrain>(Key).NumbersAsync(count, -1, TestContext.Current.CancellationToken))
        {
            items.Add(item);
        }

        items.ShouldBe(Enumerable.Range(0, count));
    }

    [Fact]
    public async Task Stream_BringsTheItemsBeforeAnError_ThenTheError()
    {
        var items = new List<int>();
        var error = await Should.ThrowAsync<InvalidOperationException>(async () =>
        {
            await foreach (var item in cluster.Remote.GetGrain<IProbeGrain>(Key).NumbersAsync(100, 25, TestContext.Current.CancellationToken))
            {
                items.Add(item);
            }
        });

        error.Message.ShouldBe("failed at 25");
        items.ShouldBe(Enumerable.Range(0, 25));
    }

    [Fact]
    public async Task Stream_ProducesNoMoreThanIsAskedFor()
    {
        var key = Key;
        await using var items = cluster.Remote.GetGrain<IProbeGrain>(key).NumbersAsync(int.MaxValue, -1, TestContext.Current.CancellationToken)
            .WithBatchSize(10)
            .GetAsyncEnumerator(TestContext.Current.CancellationToken);
        for (var i = 0; i < 10; i++)
        {
            (await items.MoveNextAsync()).ShouldBeTrue();
        }

        TestGates.HighestProduced(key).ShouldBeInRange(9, 20);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Stream_EndsAtTheGrain_WhenTheCallerStops(bool isLocal)
    {
        var key = Key;
        await foreach (var item in cluster.From(isLocal).GetGrain<IProbeGrain>(key).NumbersAsync(int.MaxValue, -1, CancellationToken.None))
        {
            if (item == 5)
            {
                break;
            }
        }

        await TestGates.CancelledAsync(key);
    }

    [Fact]
    public async Task Stream_IsCancelled_WithTheCallersToken()
    {
        var key = Key;
        using var cancellation = new CancellationTokenSource();
        await Should.ThrowAsync<OperationCanceledException>(async () =>
        {
            await foreach (var item in cluster.Remote.GetGrain<IProbeGrain>(key).NumbersAsync(int.MaxValue, -1, CancellationToken.None).WithCancellation(cancellation.Token))
            {
                if (item == 5)
                {
                    await cancellation.CancelAsync();
                }
            }
        });

        await TestGates.CancelledAsync(key);
    }

    [Fact]
    public async Task Stream_IsAborted_WhenTheGrainIsDeactivated()
    {
        var grain = cluster.Remote.GetGrain<IProbeGrain>(Key);
        await Should.ThrowAsync<EnumerationAbortedException>(async () =>
        {
            await foreach (var item in grain.NumbersAsync(int.MaxValue, -1, CancellationToken.None).WithBatchSize(1))
            {
                if (item == 3)
                {
                    await grain.DeactivateAsync();
                }
            }
        });
    }
}
