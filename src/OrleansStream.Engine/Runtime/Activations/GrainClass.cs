using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Concurrency;
using Orleans.Configuration;
using Orleans.Placement;
using Orleans.Runtime;
using OrleansStream.Engine.CodeGeneration;

namespace OrleansStream.Engine.Activations;

/// <summary>What the runtime knows of a grain class.</summary>
internal sealed class GrainClass
{
    private readonly Lazy<ObjectFactory> _factory;

    public GrainClass(Type type, GrainCollectionOptions collection)
    {
        Type = type;
        GrainType = TypeNameOf(type);
        IsReentrant = type.IsDefined(typeof(ReentrantAttribute), inherit: true);
        Placement = type.GetCustomAttribute<PlacementAttribute>(inherit: true)?.PlacementStrategy;
        MaxLocalWorkers = (Placement as StatelessWorkerPlacement)?.MaxLocal ?? 0;
        CollectionAge = type.IsDefined(typeof(KeepAliveAttribute), inherit: true)
            ? Timeout.InfiniteTimeSpan
            : collection.ClassSpecificCollectionAge.TryGetValue(type.FullName!, out var age) ? age : collection.CollectionAge;
        Interfaces = [.. type.GetInterfaces().Select(GeneratedManifest.FindInterface).OfType<GeneratedInterface>()];
        _factory = new Lazy<ObjectFactory>(() => ActivatorUtilities.CreateFactory(type, Type.EmptyTypes));
    }

    public Type Type { get; }

    public GrainType GrainType { get; }

    public bool IsReentrant { get; }

    public PlacementStrategy? Placement { get; }

    /// <summary>0 for a grain that is no stateless worker.</summary>
    public int MaxLocalWorkers { get; }

    public bool IsStatelessWorker => MaxLocalWorkers > 0;

    /// <summary>How long the grain may be idle; infinite with [KeepAlive].</summary>
    public TimeSpan CollectionAge { get; }

    public GeneratedInterface[] Interfaces { get; }

    public object CreateInstance(IServiceProvider services) => _factory.Value(services, null);

    private static GrainType TypeNameOf(Type type)
    {
        if (type.GetCustomAttribute<GrainTypeAttribute>() is { } attribute)
        {
            return attribute.GetGrainType(null!, type);
        }

        var name = type.Name.ToLowerInvariant();
        const string Suffix = "grain";
        return GrainType.Create(name.Length > Suffix.Length && name.EndsWith(Suffix, StringComparison.Ordinal) ? name[..^Suffix.Length] : name);
    }
}
