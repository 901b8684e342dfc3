using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Runtime.Placement;
using OrleansStream.Engine.Activations;
using OrleansStream.Engine.Membership;

namespace OrleansStream.Engine.Placement;

/// <summary>Says on which silo a grain is: by its class's placement director, else by hash.</summary>
internal sealed class PlacementService(IServiceProvider services, MembershipAgent membership) : IPlacementContext
{
    // A director's answers are kept up to this many; then all are asked for again.
    private const int MaxCachedCount = 100_000;

    private readonly ConcurrentDictionary<GrainId, SiloAddress> _chosen = new();
    private readonly ConcurrentDictionary<GrainClass, IPlacementDirector> _directors = new();

    public SiloAddress LocalSilo => membership.Self.Silo;

    public SiloStatus LocalSiloStatus => membership.View.StatusOf(LocalSilo);

    public SiloAddress[] GetCompatibleSilos(PlacementTarget target)
    {
        var active = membership.View.Active;
        return active.Count > 0 ? [.. active.Select(member => member.Silo)] : throw NoSilo(target.GrainIdentity);
    }

    /// <summary>The grain's silo.</summary>
    /// <exception cref="SiloUnavailableException">No silo is active.</exception>
    public ValueTask<SiloAddress> LocateAsync(GrainClass grainClass, GrainId grainId)
    {
        if (grainClass.Placement is null)
        {
            return new ValueTask<SiloAddress>(HashPlacement.Choose(grainId, membership.View.Active) ?? throw NoSilo(grainId));
        }

        return _chosen.TryGetValue(grainId, out var silo) && membership.View.IsActive(silo)
            ? new ValueTask<SiloAddress>(silo)
            : AskDirector(grainClass, grainId);
    }

    /// <summary>Forgets where a grain is, because it is not there.</summary>
    public void Forget(GrainId grainId) => _chosen.TryRemove(grainId, out _);

    /// <summary>Forgets the answers that named silos which are not active any more.</summary>
    public void ForgetInactive()
    {
        foreach (var (grainId, silo) in _chosen)
        {
            if (!membership.View.IsActive(silo))
            {
                _chosen.TryRemove(grainId, out _);
            }
        }
    }

    private ValueTask<SiloAddress> AskDirector(GrainClass grainClass, GrainId grainId)
    {
        var director = _directors.GetOrAdd(
            grainClass,
            static (added, provider) => provider.GetKeyedService<IPlacementDirector>(added.Placement!.GetType())
                ?? throw new OrleansConfigurationException($"No placement director is registered for {added.Placement!.GetType()} (AddPlacementDirector), which {added.Type} asks for."),
            services);
        var interfaceType = grainClass.Interfaces.Length > 0 ? GrainInterfaceType.Create(grainClass.Interfaces[0].InterfaceName) : default;
        var target = new PlacementTarget(grainId, [], interfaceType, 0);
        var answer = director.OnAddActivation(grainClass.Placement!, target, this);
        return answer.IsCompletedSuccessfully ? new ValueTask<SiloAddress>(Keep(grainId, answer.Result)) : new ValueTask<SiloAddress>(KeepAsync(grainId, answer));
    }

    private async Task<SiloAddress> KeepAsync(GrainId grainId, Task<SiloAddress> answer) => Keep(grainId, await answer.ConfigureAwait(false));

    private SiloAddress Keep(GrainId grainId, SiloAddress silo)
    {
        if (_chosen.Count >= MaxCachedCount)
        {
            _chosen.Clear();
        }

        _chosen[grainId] = silo;
        return silo;
    }

    private static SiloUnavailableException NoSilo(GrainId grainId) => new($"No silo is active that could have grain {grainId}.");
}
