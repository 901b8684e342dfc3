using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.TestingHost;
using OrleansStream.Engine.Networking;
using OrleansStream.Engine.Tests.Grains;

namespace OrleansStream.Engine.Tests;

public sealed class OverloadTests : IAsyncLifetime
{
    private const int RequestBytes = 50_000;
    private readonly InProcessTestCluster _cluster = new InProcessTestClusterBuilder(1)
        .ConfigureSilo((_, silo) => silo.Services.Configure<ConnectionLimits>(limits =>
        {
            limits.MaxUnansweredBytes = 200_000;
            limits.MaxUnansweredCount = 100;
        }))
        .Build();

    public async ValueTask InitializeAsync() => await _cluster.DeployAsync().WaitAsync(TestGates.Limit);

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task Gateway_StopsReading_WhileTooManyBytesAreUnanswered()
    {
        var gate = Guid.NewGuid().ToString("N");
        var grain = _cluster.Client.GetGrain<IProbeGrain>(gate);
        var calls = Enumerable.Range(0, 50).Select(_ => grain.HoldAsync(new byte[RequestBytes], gate)).ToArray();
        for (var i = 0; i < 4; i++)
        {
            await TestGates.EnteredAsync(gate);
        }

        // What was in the receive buffer when the limit was reached may still come through.
        TestGates.EnteredCount(gate).ShouldBeLessThan(10);
        TestGates.Open(gate);

        (await Task.WhenAll(calls).WaitAsync(TestGates.Limit, TestContext.Current.CancellationToken)).ShouldAllBe(length => length == RequestBytes);
    }

    [Fact]
    public async Task Gateway_RefusesCalls_WhenTooManyAreUnanswered()
    {
        var gate = Guid.NewGuid().ToString("N");
        var grain = _cluster.Client.GetGrain<IProbeGrain>(gate);
        var calls = Enumerable.Range(0, 101).Select(_ => grain.HoldAsync(default, gate)).ToArray();

        await Should.ThrowAsync<GatewayTooBusyException>(calls[100]);

        TestGates.Open(gate);
        await Task.WhenAll(calls[..100]).WaitAsync(TestGates.Limit, TestContext.Current.CancellationToken);
        (await grain.EchoAsync("again")).ShouldBe("again");
    }
}
