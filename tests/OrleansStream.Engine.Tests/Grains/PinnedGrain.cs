using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Placement;
using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace OrleansStream.Engine.Tests.Grains;

/// <summary>A grain whose key begins with the name of its silo, as <c>silo/rest</c>.</summary>
public interface IPinnedGrain : IGrainWithStringKey
{
    Task<string> GetSiloNameAsync();

    Task<string> WaitAsync(string gate, CancellationToken cancellationToken);

    Task<ReadOnlyMemory<byte>> EchoAsync(ReadOnlyMemory<byte> bytes);

    Task<string> AskAsync(string otherKey);

    IAsyncEnumerable<int> NumbersAsync(int count);
}

[PinnedPlacement]
public sealed class PinnedGrain(ILocalSiloDetails silo) : Grain, IPinnedGrain
{
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        TestGates.Deactivated(this.GetPrimaryKeyString(), reason.ReasonCode);
        return Task.CompletedTask;
    }

    public Task<string> GetSiloNameAsync() => Task.FromResult(silo.Name);

    public async Task<string> WaitAsync(string gate, CancellationToken cancellationToken)
    {
        try
        {
            await TestGates.EnterAsync(gate, cancellationToken);
            return silo.Name;
        }
        catch (OperationCanceledException)
        {
            TestGates.Cancelled(gate);
            throw;
        }
    }

    public Task<ReadOnlyMemory<byte>> EchoAsync(ReadOnlyMemory<byte> bytes) => Task.FromResult(bytes);

    public Task<string> AskAsync(string otherKey) => GrainFactory.GetGrain<IPinnedGrain>(otherKey).GetSiloNameAsync();

    public async IAsyncEnumerable<int> NumbersAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            await Task.Yield();
            yield return i;
        }
    }
}

[AttributeUsage(AttributeTargets.Class)]
public sealed class PinnedPlacementAttribute() : PlacementAttribute(new PinnedPlacement());

public sealed class PinnedPlacement : PlacementStrategy;

/// <summary>Places a grain on the silo that its key names, and nowhere else.</summary>
public sealed class PinnedPlacementDirector(IServiceProvider services) : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var name = target.GrainIdentity.Key.ToString().Split('/')[0];
        var members = services.GetRequiredService<IClusterMembershipService>().CurrentSnapshot.Members;
        var silo = context.GetCompatibleSilos(target).FirstOrDefault(candidate => members[candidate].Name == name);
        return Task.FromResult(silo ?? throw new SiloUnavailableException($"Silo {name} is not active."));
    }
}
