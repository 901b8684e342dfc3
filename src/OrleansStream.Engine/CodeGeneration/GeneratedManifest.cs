using System.Collections.Concurrent;
using System.ComponentModel;
using System.Reflection;
using System.Runtime.CompilerServices;
using Orleans.Runtime;

namespace OrleansStream.Engine.CodeGeneration;

/// <summary>
/// What the generator found in the loaded assemblies. Each assembly's generated module initializer registers here;
/// the runtime reads it when it starts and when an assembly is loaded later.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class GeneratedManifest
{
    private static readonly ConcurrentDictionary<Type, GeneratedInterface> InterfacesByType = new();
    private static readonly ConcurrentDictionary<string, GeneratedInterface> InterfacesByName = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<Type, byte> RegisteredGrainClasses = new();
    private static readonly ConcurrentDictionary<Assembly, byte> LoadedParts = new();

    /// <summary>The grain interfaces.</summary>
    public static IReadOnlyCollection<GeneratedInterface> Interfaces => [.. InterfacesByType.Values];

    /// <summary>The concrete classes that derive from Grain or implement IGrain interfaces.</summary>
    public static IReadOnlyCollection<Type> GrainClasses => [.. RegisteredGrainClasses.Keys];

    /// <summary>Registers a grain interface.</summary>
    public static void AddInterface(GeneratedInterface generated)
    {
        ArgumentNullException.ThrowIfNull(generated);
        InterfacesByType[generated.InterfaceType] = generated;
        InterfacesByName[generated.InterfaceName] = generated;
    }

    /// <summary>Registers a grain class.</summary>
    public static void AddGrainClass(Type grainClass) => RegisteredGrainClasses[grainClass] = 0;

    /// <summary>
    /// Has every loaded assembly with generated code, and every one that such an assembly refers to, register itself.
    /// The runtime calls it when a silo or a client is built; until then an assembly registers when it is first used.
    /// </summary>
    public static void LoadParts()
    {
        foreach (var assembly in AppDomain.CurrentDomain.GetAssemblies())
        {
            LoadPart(assembly);
        }
    }

    /// <summary>Registers the codec of a class under its name, for members whose declared type is one of its base classes.</summary>
    public static void AddDerivedCodec<T>(string name, IValueCodec<T> codec)
        where T : class
        => DerivedCodecs.Register(name, codec);

    /// <summary>Registers a codec for a [GenerateSerializer] type: <c>ValueCodecs.Get&lt;T&gt;()</c> then finds it.</summary>
    public static void AddCodec<T>(IValueCodec<T> codec) => ValueCodecs.Register(codec);

    /// <summary>Registers the codec of a generic [GenerateSerializer] type, both open: <c>ValueCodecs.Get&lt;T&gt;()</c> then closes it.</summary>
    public static void AddGenericCodec(Type type, Type codec) => ValueCodecs.RegisterGeneric(type, codec);

    /// <summary>Finds an interface by type; null when nothing was generated for it.</summary>
    public static GeneratedInterface? FindInterface(Type interfaceType)
    {
        ArgumentNullException.ThrowIfNull(interfaceType);
        if (!InterfacesByType.TryGetValue(interfaceType, out var generated))
        {
            // An assembly registers when it is first used, and to name one of its interfaces is not to use it.
            RuntimeHelpers.RunModuleConstructor(interfaceType.Module.ModuleHandle);
            generated = InterfacesByType.GetValueOrDefault(interfaceType);
        }

        return generated;
    }

    /// <summary>Finds an interface by its name on the wire.</summary>
    public static GeneratedInterface? FindInterface(string interfaceName) => InterfacesByName.GetValueOrDefault(interfaceName);

    private static void LoadPart(Assembly assembly)
    {
        if (!LoadedParts.TryAdd(assembly, 0) || assembly.GetCustomAttribute<GeneratedPartsAttribute>() is not { } parts)
        {
            return;
        }

        RuntimeHelpers.RunModuleConstructor(assembly.ManifestModule.ModuleHandle);
        foreach (var name in parts.References)
        {
            LoadPart(Assembly.Load(name));
        }
    }
}

/// <summary>A grain interface, its reference class and its methods.</summary>
/// <param name="InterfaceType">The interface.</param>
/// <param name="InterfaceName">Its [Alias], else its full name.</param>
/// <param name="CreateReference">Makes a reference: the generated class derives from <see cref="GrainReference"/> and implements the interface.</param>
/// <param name="Methods">All methods, inherited ones included.</param>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed record GeneratedInterface(
    Type InterfaceType,
    string InterfaceName,
    Func<GrainReferenceContext, GrainReference> CreateReference,
    IReadOnlyList<GrainMethodDescriptor> Methods);
