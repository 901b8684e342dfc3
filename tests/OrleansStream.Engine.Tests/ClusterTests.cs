using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.TestingHost;
using OrleansStream.Engine.Tests.Grains;

namespace OrleansStream.Engine.Tests;

public sealed class ClusterTests : IAsyncLifetime
{
    private readonly InProcessTestCluster _cluster = CreateCluster(3);

    private static string Key => Guid.NewGuid().ToString("N");

    internal static InProcessTestCluster CreateCluster(short silos, Action<ISiloBuilder>? configure = null)
    {
        var builder = new InProcessTestClusterBuilder(silos);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.AddPlacementDirector<PinnedPlacement, PinnedPlacementDirector>();
            silo.Configure<ClusterMembershipOptions>(options =>
            {
                options.ProbeTimeout = TimeSpan.FromMilliseconds(200);
                options.NumMissedProbesLimit = 2;
            });
            configure?.Invoke(silo);
        });
        return builder.Build();
    }

    public async ValueTask InitializeAsync() => await _cluster.DeployAsync().WaitAsync(TestGates.Limit);

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task PinnedGrain_IsWhereItsDirectorSays_WhoeverCalls()
    {
        foreach (var silo in _cluster.Silos)
        {
            var key = $"{silo.Name}/{Key}";
            (await _cluster.Client.GetGrain<IPinnedGrain>(key).GetSiloNameAsync()).ShouldBe(silo.Name);
            foreach (var caller in _cluster.Silos)
            {
                (await FromSilo(caller).GetGrain<IPinnedGrain>(key).GetSiloNameAsync()).ShouldBe(silo.Name);
            }
        }
    }

    [Fact]
    public async Task HashedGrains_AreActivatedOnce_AndOnEverySilo()
    {
        var keys = Enumerable.Range(0, 60).Select(_ => Key).ToArray();
        var bySilo = new HashSet<string>();
        foreach (var key in keys)
        {
            var answers = await Task.WhenAll(_cluster.Silos.Select(silo => FromSilo(silo).GetGrain<IProbeGrain>(key).GetSiloNameAsync())
                .Append(_cluster.Client.GetGrain<IProbeGrain>(key).GetSiloNameAsync()));
            bySilo.Add(answers.Distinct().ShouldHaveSingleItem());
            TestGates.ActivationCount(key).ShouldBe(1);
        }

        bySilo.Count.ShouldBe(3);
    }

    [Fact]
    public async Task Call_CarriesBytesBothWays_ThroughTheGatewayOfAnotherSilo()
    {
        var bytes = new byte[300_000];
        Random.Shared.NextBytes(bytes);
        foreach (var silo in _cluster.Silos)
        {
            var echo = await _cluster.Client.GetGrain<IPinnedGrain>($"{silo.Name}/{Key}").EchoAsync(bytes);
            echo.Span.SequenceEqual(bytes).ShouldBeTrue();
        }
    }

    [Fact]
    public async Task Cancel_ReachesTheGrain_ThroughTheGatewayOfAnotherSilo()
    {
        foreach (var silo in _cluster.Silos)
        {
            var gate = Key;
            using var cancellation = new CancellationTokenSource();
            var call = _cluster.Client.GetGrain<IPinnedGrain>($"{silo.Name}/{gate}").WaitAsync(gate, cancellation.Token);
            await TestGates.EnteredAsync(gate);
            await cancellation.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(call);
            await TestGates.CancelledAsync(gate);
        }
    }

    [Fact]
    public async Task Grain_CallsAGrainOfAnotherSilo_AndStreamsComeThrough()
    {
        var keys = _cluster.Silos.Select(silo => $"{silo.Name}/{Key}").ToArray();
        (await _cluster.Client.GetGrain<IPinnedGrain>(keys[0]).AskAsync(keys[1])).ShouldBe(_cluster.Silos[1].Name);
        foreach (var key in keys)
        {
            var items = new List<int>();
            await foreach (var item in _cluster.Client.GetGrain<IPinnedGrain>(key).NumbersAsync(250))
            {
                items.Add(item);
            }

            items.ShouldBe(Enumerable.Range(0, 250));
        }
    }

    [Fact]
    public async Task Call_FailsAtOnce_WhenItsSiloIsKilled()
    {
        var victim = _cluster.Silos[2];
        var gate = Key;
        var fromSilo = FromSilo(_cluster.Silos[0]).GetGrain<IPinnedGrain>($"{victim.Name}/{gate}").WaitAsync(gate, CancellationToken.None);
        await TestGates.EnteredAsync(gate);

        await _cluster.KillSiloAsync(victim).WaitAsync(TestGates.Limit, TestContext.Current.CancellationToken);

        await Should.ThrowAsync<SiloUnavailableException>(fromSilo.WaitAsync(TestGates.Limit, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Grains_AnswerAgain_AfterTheirSiloWasKilledAndWhenItReturns()
    {
        var victim = _cluster.Silos[1];
        var pinned = _cluster.Client.GetGrain<IPinnedGrain>($"{victim.Name}/{Key}");
        await pinned.GetSiloNameAsync();
        var hashed = await GrainOnAsync(victim.Name);

        await _cluster.KillSiloAsync(victim).WaitAsync(TestGates.Limit, TestContext.Current.CancellationToken);
        await _cluster.WaitForLivenessToStabilizeAsync(didKill: true).WaitAsync(TestGates.Limit, TestContext.Current.CancellationToken);

        (await UntilAnsweredAsync(hashed.GetSiloNameAsync)).ShouldNotBe(victim.Name);
        await Should.ThrowAsync<SiloUnavailableException>(pinned.GetSiloNameAsync());

        await _cluster.RestartSiloAsync(victim).WaitAsync(TestGates.Limit, TestContext.Current.CancellationToken);
        await _cluster.WaitForLivenessToStabilizeAsync().WaitAsync(TestGates.Limit, TestContext.Current.CancellationToken);
        (await UntilAnsweredAsync(pinned.GetSiloNameAsync)).ShouldBe(victim.Name);
    }

    [Fact]
    public async Task Grains_KeepTheirActivations_WhenAnotherSiloIsKilled()
    {
        var victim = _cluster.Silos[1];
        var grains = new List<(IProbeGrain Grain, string Activation)>();
        foreach (var grain in Enumerable.Range(0, 60).Select(_ => _cluster.Client.GetGrain<IProbeGrain>(Key)))
        {
            if (await grain.GetSiloNameAsync() != victim.Name)
            {
                grains.Add((grain, await grain.GetActivationIdAsync()));
            }
        }

        await _cluster.KillSiloAsync(victim).WaitAsync(TestGates.Limit, TestContext.Current.CancellationToken);
        await _cluster.WaitForLivenessToStabilizeAsync(didKill: true).WaitAsync(TestGates.Limit, TestContext.Current.CancellationToken);

        foreach (var (grain, activation) in grains)
        {
            (await UntilAnsweredAsync(grain.GetActivationIdAsync)).ShouldBe(activation);
        }
    }

    [Fact]
    public async Task Client_CarriesOn_WhenItsGatewayIsKilled()
    {
        var keys = Enumerable.Range(0, 30).Select(_ => $"{_cluster.Silos[0].Name}/{Key}").ToArray();
        await Task.WhenAll(keys.Select(key => _cluster.Client.GetGrain<IPinnedGrain>(key).GetSiloNameAsync()));

        await _cluster.KillSiloAsync(_cluster.Silos[2]).WaitAsync(TestGates.Limit, TestContext.Current.CancellationToken);

        foreach (var key in keys)
        {
            (await UntilAnsweredAsync(_cluster.Client.GetGrain<IPinnedGrain>(key).GetSiloNameAsync)).ShouldBe(_cluster.Silos[0].Name);
        }
    }

    [Fact]
    public async Task Stop_FinishesCallsAndDeactivatesGrains_BeforeTheSiloLeaves()
    {
        var silo = _cluster.Silos[1];
        var key = $"{silo.Name}/{Key}";
        var call = _cluster.Client.GetGrain<IPinnedGrain>(key).WaitAsync(key, CancellationToken.None);
        await TestGates.EnteredAsync(key);
        var stop = _cluster.StopSiloAsync(silo);
        stop.IsCompleted.ShouldBeFalse();
        await foreach (var snapshot in _cluster.Silos[0].ServiceProvider.GetRequiredService<IClusterMembershipService>().MembershipUpdates)
        {
            if (snapshot.GetSiloStatus(silo.SiloAddress) == SiloStatus.ShuttingDown)
            {
                break;
            }
        }

        TestGates.Open(key);

        (await call.WaitAsync(TestGates.Limit, TestContext.Current.CancellationToken)).ShouldBe(silo.Name);
        await stop.WaitAsync(TestGates.Limit, TestContext.Current.CancellationToken);
        (await TestGates.DeactivatedAsync(key)).ShouldBe(DeactivationReasonCode.ShuttingDown);
        _cluster.Silos[0].ServiceProvider.GetRequiredService<IClusterMembershipService>().CurrentSnapshot.GetSiloStatus(silo.SiloAddress).ShouldBe(SiloStatus.Dead);
    }

    [Fact]
    public async Task Calls_DoNotFail_WhenASiloLeavesInGoodOrder()
    {
        var keys = Enumerable.Range(0, 40).Select(_ => Key).ToArray();
        await Task.WhenAll(keys.Select(key => _cluster.Client.GetGrain<IProbeGrain>(key).EchoAsync("x")));
        using var stopped = new CancellationTokenSource();
        var callers = keys.Select(key => Task.Run(async () =>
        {
            var grain = _cluster.Client.GetGrain<IProbeGrain>(key);
            while (!stopped.IsCancellationRequested)
            {
                (await grain.EchoAsync(key)).ShouldBe(key);
            }
        })).ToArray();

        await _cluster.StopSiloAsync(_cluster.Silos[1]).WaitAsync(TestGates.Limit, TestContext.Current.CancellationToken);
        await Task.WhenAll(keys.Select(key => _cluster.Client.GetGrain<IProbeGrain>(key).EchoAsync("after")));

        await stopped.CancelAsync();
        await Task.WhenAll(callers).WaitAsync(TestGates.Limit, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Grains_Move_WhenASiloJoins()
    {
        var keys = Enumerable.Range(0, 100).Select(_ => Key).ToArray();
        await Task.WhenAll(keys.Select(key => _cluster.Client.GetGrain<IProbeGrain>(key).EchoAsync("x")));

        var added = await _cluster.StartAdditionalSiloAsync();
        await _cluster.WaitForLivenessToStabilizeAsync().WaitAsync(TestGates.Limit, TestContext.Current.CancellationToken);

        var silos = new List<string>();
        foreach (var key in keys)
        {
            silos.Add(await UntilAnsweredAsync(_cluster.Client.GetGrain<IProbeGrain>(key).GetSiloNameAsync));
        }

        silos.Count(name => name == added.Name).ShouldBeInRange(5, 60);
    }

    /// <summary>Calls again as long as the answer is that a silo is away; everything else is the answer.</summary>
    internal static async Task<T> UntilAnsweredAsync<T>(Func<Task<T>> call)
    {
        var end = DateTime.UtcNow + TestGates.Limit;
        while (true)
        {
            try
            {
                return await call();
            }
            catch (OrleansException) when (DateTime.UtcNow < end)
            {
                await Task.Yield();
            }
        }
    }

    private static IGrainFactory FromSilo(InProcessSiloHandle silo) => silo.ServiceProvider.GetRequiredService<IGrainFactory>();

    private async Task<IProbeGrain> GrainOnAsync(string siloName)
    {
        while (true)
        {
            var grain = _cluster.Client.GetGrain<IProbeGrain>(Key);
            if (await grain.GetSiloNameAsync() == siloName)
            {
                return grain;
            }
        }
    }
}
