using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
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
        ApplicationAssemblies.RunModuleInitializers();
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

/// <summary>Has the generated module initializers of the application's assemblies run, which fill the manifest.</summary>
internal static class ApplicationAssemblies
{
    private static readonly Lock Gate = new();
    private static readonly HashSet<string> Seen = new(StringComparer.Ordinal);

    /// <summary>
    /// Walks the references of the entry assembly and of what is loaded: assemblies that refer to the engine are loaded,
    /// which they would be anyway at the first use of a grain.
    /// </summary>
    public static void RunModuleInitializers()
    {
        lock (Gate)
        {
            foreach (var assembly in AppDomain.CurrentDomain.GetAssemblies())
            {
                Visit(assembly);
            }
        }
    }

    private static void Visit(Assembly assembly)
    {
        if (assembly.IsDynamic || !Seen.Add(assembly.FullName ?? string.Empty) || IsFramework(assembly.GetName().Name))
        {
            return;
        }

        var references = assembly.GetReferencedAssemblies();
        if (Array.Exists(references, reference => reference.Name == typeof(GeneratedManifest).Assembly.GetName().Name))
        {
            RuntimeHelpers.RunModuleConstructor(assembly.ManifestModule.ModuleHandle);
        }

        foreach (var reference in references)
        {
            if (!IsFramework(reference.Name) && TryLoad(reference) is { } loaded)
            {
                Visit(loaded);
            }
        }
    }

    // An assembly that is not there was not needed either; whoever needs it will say so.
    private static Assembly? TryLoad(AssemblyName name)
    {
        try
        {
            return Assembly.Load(name);
        }
        catch (Exception exception) when (exception is IOException or BadImageFormatException)
        {
            return null;
        }
    }

    private static bool IsFramework(string? name)
        => name is null or "System" or "mscorlib" or "netstandard"
            || name.StartsWith("System.", StringComparison.Ordinal)
            || name.StartsWith("Microsoft.", StringComparison.Ordinal);
}
