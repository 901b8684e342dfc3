using OrleansStream.Gateway.Fuzz;
using OrleansStream.Protocol.Fuzz;

namespace OrleansStream.Gateway.Tests;

/// <summary>A short run of the fuzz program's targets, and everything that they once found.</summary>
public sealed class FuzzTests
{
    [Fact]
    public void Dispatcher_AnswersOrRefuses_WhateverItGets()
    {
        using var target = new DispatcherTarget();
        var generator = new RequestGenerator(target.Apis);
        foreach (var request in generator.Proper)
        {
            target.Run(request);
        }

        target.Answered.ShouldBe(generator.Proper.Count);
        foreach (var file in Directory.GetFiles(AppContext.BaseDirectory, "Corpus/*.bin"))
        {
            target.Run(File.ReadAllBytes(file));
        }

        for (var iteration = 0UL; iteration < 20_000; iteration++)
        {
            var random = new FuzzRandom(iteration);
            target.Run(generator.Create(ref random));
        }
    }

    [Fact]
    public async Task Listener_AnswersOrCloses_WhateverItGets()
    {
        using var apis = new DispatcherTarget();
        var generator = new RequestGenerator(apis.Apis);
        await using var target = new SocketTarget();
        await target.StartAsync();
        for (var iteration = 0UL; iteration < 2000; iteration++)
        {
            var random = new FuzzRandom(iteration);
            await target.RunAsync(generator.Create(ref random), random);
        }

        target.Closed.ShouldBeGreaterThan(0);
        (await target.StopAsync()).ShouldBe(0);
    }
}
