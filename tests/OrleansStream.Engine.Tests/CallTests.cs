using Orleans.Serialization;
using OrleansStream.Engine.Tests.Grains;

namespace OrleansStream.Engine.Tests;

public sealed class CallTests(ClusterFixture cluster) : IClassFixture<ClusterFixture>
{
    private static string Key => Guid.NewGuid().ToString("N");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_ReturnsTheResult(bool isLocal)
    {
        var grain = cluster.From(isLocal).GetGrain<IProbeGrain>(Key);

        (await grain.EchoAsync("höhö")).ShouldBe("höhö");
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 0)]
    [InlineData(false, 100)]
    [InlineData(false, 20_000)]
    [InlineData(false, 5_000_000)]
    public async Task Call_BringsTheSameBytesBack_WhateverTheSize(bool isLocal, int size)
    {
        var grain = cluster.From(isLocal).GetGrain<IProbeGrain>(Key);
        var bytes = new byte[size];
        Random.Shared.NextBytes(bytes);

        var echo = await grain.EchoBytesAsync(bytes);

        echo.Span.SequenceEqual(bytes).ShouldBeTrue();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_BringsTheGrainsExceptionBack_AsItsOwnType(bool isLocal)
    {
        var grain = cluster.From(isLocal).GetGrain<IProbeGrain>(Key);

        (await Should.ThrowAsync<ArgumentException>(grain.FailAsync("argument", "wrong"))).Message.ShouldBe("wrong");
        var timeout = await Should.ThrowAsync<TimeoutException>(grain.FailAsync("timeout", "late"));
        timeout.InnerException.ShouldBeOfType<InvalidOperationException>().Message.ShouldBe("inner");
        timeout.StackTrace!.ShouldContain(nameof(ProbeGrain.FailAsync));
        await Should.ThrowAsync<OperationCanceledException>(grain.FailAsync("cancelled", "no"));
    }

    [Fact]
    public async Task Call_BringsAFallbackBack_WhenTheExceptionCannotBeMadeAnew()
    {
        var grain = cluster.Remote.GetGrain<IProbeGrain>(Key);

        var error = await Should.ThrowAsync<UnavailableExceptionFallbackException>(grain.FailAsync("custom", "odd"));

        error.ExceptionType!.ShouldContain(nameof(OddException));
        error.Message.ShouldBe("odd");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Cancel_ReachesTheGrainAndTheCaller(bool isLocal)
    {
        var key = Key;
        using var cancellation = new CancellationTokenSource();
        var call = cluster.From(isLocal).GetGrain<IProbeGrain>(key).WaitAsync(key, cancellation.Token);
        await TestGates.EnteredAsync(key);

        await cancellation.CancelAsync();

        (await Should.ThrowAsync<OperationCanceledException>(call)).CancellationToken.ShouldBe(cancellation.Token);
        await TestGates.CancelledAsync(key);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task OneWay_RunsTheMethod_WithoutAnAnswer(bool isLocal)
    {
        var grain = cluster.From(isLocal).GetGrain<IProbeGrain>(Key);
        await grain.TellAsync("one");
        await grain.TellAsync("two");

        (await grain.ToldAsync()).ShouldBe(["one", "two"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Arguments_AreIsolatedFromTheCaller(bool isLocal)
    {
        var grain = cluster.From(isLocal).GetGrain<IProbeGrain>(Key);
        var numbers = new List<int> { 1, 2 };
        await grain.KeepAsync(numbers);
        numbers.Add(3);

        var kept = await grain.KeptAsync();
        kept.ShouldBe([1, 2]);
        kept.Add(4);
        (await grain.KeptAsync()).ShouldBe([1, 2]);
    }

    [Fact]
    public async Task Calls_StartInTheirOrder_WhenTheyComeByOneConnection()
    {
        var grain = cluster.Remote.GetGrain<IProbeGrain>(Key);

        var sums = await Task.WhenAll(Enumerable.Range(0, 2000).Select(_ => grain.AddAsync(1)));

        sums.ShouldBe(Enumerable.Range(1, 2000));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task References_TravelAsArgumentsAndResults(bool isLocal)
    {
        var grain = cluster.From(isLocal).GetGrain<IProbeGrain>(Key);
        var other = cluster.From(isLocal).GetGrain<IProbeGrain>(Key);

        (await grain.CallBackAsync(other, "back")).ShouldBe("back");
        var self = await grain.GetSelfAsync();
        self.ShouldBe(grain);
        (await self.EchoAsync("self")).ShouldBe("self");
    }

    [Fact]
    public async Task Grain_CallsAnotherGrain()
        => (await cluster.Remote.GetGrain<IProbeGrain>(Key).ForwardAsync(Key, "through")).ShouldBe("through");
}
