using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;
using OrleansStream.Engine.CodeGeneration;
using OrleansStream.Engine.Messaging;

namespace OrleansStream.Engine.Activations;

/// <summary>The grain classes of this process, by type name and by interface.</summary>
internal sealed class GrainClassMap : IGrainTypeResolver
{
    private readonly Dictionary<GrainType, GrainClass> _byGrainType = [];
    private readonly ConcurrentDictionary<(string, string?), GrainType> _byInterface = new();

    /// <summary>Reads the manifest.</summary>
    /// <exception cref="OrleansConfigurationException">Two classes have the same type name.</exception>
    public GrainClassMap(IOptions<GrainCollectionOptions> collection)
    {
        GeneratedManifest.LoadParts();
        foreach (var type in GeneratedManifest.GrainClasses)
        {
            var grainClass = new GrainClass(type, collection.Value);
            if (!_byGrainType.TryAdd(grainClass.GrainType, grainClass))
            {
                throw new OrleansConfigurationException(
                    $"The grain classes {_byGrainType[grainClass.GrainType].Type} and {type} have the same type name '{grainClass.GrainType}'; give one a [GrainType].");
            }
        }
    }

    public IReadOnlyCollection<GrainClass> All => _byGrainType.Values;

    public GrainClass? Find(GrainType grainType) => _byGrainType.GetValueOrDefault(grainType);

    public GrainType Resolve(GeneratedInterface generated, string? classNamePrefix)
        => _byInterface.TryGetValue((generated.InterfaceName, classNamePrefix), out var found)
            ? found
            : _byInterface.GetOrAdd(
                (generated.InterfaceName, classNamePrefix),
                GrainTypeChoice.Choose(
                    generated,
                    classNamePrefix,
                    _byGrainType.Values.Where(candidate => candidate.Interfaces.Contains(generated)).Select(candidate => (candidate.GrainType, candidate.Type.FullName!))));

    /// <summary>Interface name, grain type and class name of every class and interface, for clients.</summary>
    public IEnumerable<(string InterfaceName, GrainType GrainType, string ClassName)> Describe()
        => from grainClass in _byGrainType.Values
           from generated in grainClass.Interfaces
           select (generated.InterfaceName, grainClass.GrainType, grainClass.Type.FullName!);
}
