using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.TestingHost;
using OrleansStream.Engine.Tests.Grains;

namespace OrleansStream.Engine.Tests;

public sealed class LifetimeTests : IAsyncLifetime
{
    private readonly ManualTimeProvider _time = new();
    private InProcessTestCluster _cluster = null!;

    private IGrainFactory Grains => _cluster.GetSiloServiceProvider().GetRequiredService<IGrainFactory>();

    private static string Key => Guid.NewGuid().ToString("N");

    public async ValueTask InitializeAsync()
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.Options.InitializeClientOnDeploy = false;
        builder.ConfigureSilo((_, silo) => silo
            .ConfigureServices(services => services.AddSingleton<TimeProvider>(_time))
            .Configure<GrainCollectionOptions>(options =>
            {
                options.CollectionAge = TimeSpan.FromMinutes(10);
                options.CollectionQuantum = TimeSpan.FromMinutes(1);
            })
            .Configure<SiloMessagingOptions>(options =>
            {
                options.ResponseTimeout = TimeSpan.FromSeconds(20);
                options.MaxEnqueuedRequestsHardLimit = 100;
            }));
        _cluster = builder.Build();
        await _cluster.DeployAsync().WaitAsync(TestGates.Limit);
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task Grain_IsActivatedOnce_ByItsFirstCalls()
    {
        var key = Key;
        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => Grains.GetGrain<IProbeGrain>(key).EchoAsync("x"))));

        TestGates.ActivationCount(key).ShouldBe(1);
    }

    [Fact]
    public async Task Grain_IsMadeAnew_AfterDeactivateOnIdle()
    {
        var key = Key;
        var grain = Grains.GetGrain<IProbeGrain>(key);
        var first = await grain.GetActivationIdAsync();

        await grain.DeactivateAsync();
        var second = await grain.GetActivationIdAsync();

        second.ShouldNotBe(first);
        (await TestGates.DeactivatedAsync(key)).ShouldBe(DeactivationReasonCode.ApplicationRequested);
    }

    [Fact]
    public async Task Grain_IsDeactivated_WhenItIsIdle()
    {
        var key = Key;
        var grain = Grains.GetGrain<IProbeGrain>(key);
        await grain.EchoAsync("x");
        _time.Advance(TimeSpan.FromMinutes(5));
        await grain.EchoAsync("y");
        _time.Advance(TimeSpan.FromMinutes(9));
        TestGates.ActivationCount(key).ShouldBe(1);
        await grain.EchoAsync("z");

        _time.Advance(TimeSpan.FromMinutes(12));

        (await TestGates.DeactivatedAsync(key)).ShouldBe(DeactivationReasonCode.ActivationIdle);
        await grain.EchoAsync("again");
        TestGates.ActivationCount(key).ShouldBe(2);
    }

    [Fact]
    public async Task Calls_FailWithTheActivationsError_WhenItFails()
    {
        var key = "bad-" + Key;
        var calls = Enumerable.Range(0, 3).Select(_ => Grains.GetGrain<IProbeGrain>(key).EchoAsync("x")).ToArray();

        foreach (var call in calls)
        {
            (await Should.ThrowAsync<ArgumentException>(call)).Message.ShouldBe("This grain cannot be activated.");
        }
    }

    [Fact]
    public async Task Call_TimesOut_NamingGrainMethodAndTime()
    {
        var key = Key;
        var call = Grains.GetGrain<IProbeGrain>(key).WaitAsync(key, CancellationToken.None);
        await TestGates.EnteredAsync(key);

        _time.Advance(TimeSpan.FromSeconds(25));

        var error = await Should.ThrowAsync<TimeoutException>(call);
        error.Message.ShouldContain(key);
        error.Message.ShouldContain("Wait");
        error.Message.ShouldContain("00:00:20");
        await TestGates.CancelledAsync(key);
    }

    [Fact]
    public async Task Call_IsRefused_WhenTooManyWait()
    {
        var key = Key;
        var grain = Grains.GetGrain<ITimerGrain>(key);
        var first = grain.StayAsync(key);
        await TestGates.EnteredAsync(key);
        var calls = Enumerable.Range(0, 101).Select(_ => grain.StayAsync(key)).ToArray();

        (await Should.ThrowAsync<LimitExceededException>(calls[100])).Message.ShouldContain("100");

        TestGates.Open(key);
        await Task.WhenAll([first, .. calls[..100]]).WaitAsync(TestGates.Limit, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Timer_TicksAgain_AfterItsPeriod()
    {
        var key = Key;
        TestGates.Open(key);
        var grain = Grains.GetGrain<ITimerGrain>(key);
        await grain.StartAsync(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5), key, interleave: false);

        _time.Advance(TimeSpan.FromSeconds(1));
        await TestGates.EnteredAsync(key);
        (await grain.TicksAsync()).ShouldBe(1);
        _time.Advance(TimeSpan.FromSeconds(5));
        await TestGates.EnteredAsync(key);
        await grain.StopAsync();
        _time.Advance(TimeSpan.FromSeconds(50));
        (await grain.TicksAsync()).ShouldBe(2);
    }

    [Fact]
    public async Task Timer_WaitsForCallsToEnd_UnlessItInterleaves()
    {
        var key = Key;
        var grain = Grains.GetGrain<ITimerGrain>(key);
        await grain.StartAsync(TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan, key + "tick", interleave: false);
        await grain.StartAsync(TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan, key + "beside", interleave: true);
        var stay = grain.StayAsync(key + "stay");
        await TestGates.EnteredAsync(key + "stay");

        _time.Advance(TimeSpan.FromSeconds(1));
        await TestGates.EnteredAsync(key + "beside");
        TestGates.HasEntered(key + "tick").ShouldBeFalse();

        TestGates.Open(key + "stay");
        await stay;
        await TestGates.EnteredAsync(key + "tick");
        TestGates.Open(key + "tick");
        TestGates.Open(key + "beside");
    }
}
