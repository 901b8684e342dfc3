using System.Collections.Concurrent;
using System.ComponentModel;
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

    /// <summary>Registers a codec for a [GenerateSerializer] type: <c>ValueCodecs.Get&lt;T&gt;()</c> then finds it.</summary>
    public static void AddCodec<T>(IValueCodec<T> codec) => ValueCodecs.Register(codec);

    /// <summary>Finds an interface by type; null when nothing was generated for it.</summary>
    public static GeneratedInterface? FindInterface(Type interfaceType) => InterfacesByType.GetValueOrDefault(interfaceType);

    /// <summary>Finds an interface by its name on the wire.</summary>
    public static GeneratedInterface? FindInterface(string interfaceName) => InterfacesByName.GetValueOrDefault(interfaceName);
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
