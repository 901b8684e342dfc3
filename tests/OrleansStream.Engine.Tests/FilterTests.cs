using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.TestingHost;
using OrleansStream.Engine.Tests.Grains;

namespace OrleansStream.Engine.Tests;

public sealed class FilterTests : IAsyncLifetime
{
    private readonly List<string> _seen = [];
    private InProcessTestCluster _cluster = null!;

    public async ValueTask InitializeAsync()
    {
        _cluster = new InProcessTestClusterBuilder(1)
            .ConfigureSilo((_, silo) => silo
                .AddIncomingGrainCallFilter(async context =>
                {
                    Note($"in {context.MethodName} {context.InterfaceMethod.Name} {context.ImplementationMethod.DeclaringType!.Name}");
                    await context.Invoke();
                    Note($"out {context.Result}");
                })
                .AddIncomingGrainCallFilter(async context =>
                {
                    if (context.TargetId.Key == IdSpan.Create("forbidden"))
                    {
                        throw new UnauthorizedAccessException("forbidden");
                    }

                    if (context.TargetId.Key == IdSpan.Create("cached"))
                    {
                        context.Result = "from the filter";
                        return;
                    }

                    await context.Invoke();
                    context.Result = context.Result is string text ? text.ToUpperInvariant() : context.Result;
                }))
            .ConfigureClient(client => client.AddOutgoingGrainCallFilter(async context =>
            {
                Note($"call {context.MethodName} of {context.TargetId}");
                await context.Invoke();
                Note($"answer {context.Result}");
            }))
            .Build();
        await _cluster.DeployAsync().WaitAsync(TestGates.Limit);
    }

    public ValueTask DisposeAsync() => _cluster.DisposeAsync();

    [Fact]
    public async Task Filters_StandAroundTheCall_InTheirOrder()
    {
        var grain = _cluster.Client.GetGrain<IProbeGrain>("filtered");

        (await grain.EchoAsync("text")).ShouldBe("TEXT");

        lock (_seen)
        {
            _seen.ShouldBe(
            [
                "call EchoAsync of probe/filtered",
                "in EchoAsync EchoAsync ProbeGrain",
                "out TEXT",
                "answer TEXT",
            ]);
        }
    }

    [Fact]
    public async Task Filter_AnswersOrRefuses_InTheGrainsPlace()
    {
        (await _cluster.Client.GetGrain<IProbeGrain>("cached").EchoAsync("text")).ShouldBe("from the filter");
        await Should.ThrowAsync<UnauthorizedAccessException>(_cluster.Client.GetGrain<IProbeGrain>("forbidden").EchoAsync("text"));
    }

    private void Note(string text)
    {
        lock (_seen)
        {
            _seen.Add(text);
        }
    }
}
