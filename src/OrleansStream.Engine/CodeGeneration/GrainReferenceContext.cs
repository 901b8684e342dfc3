using System.ComponentModel;
using Orleans.Runtime;
using OrleansStream.Engine.Messaging;

namespace OrleansStream.Engine.CodeGeneration;

/// <summary>What a reference knows: its grain's id and the runtime that sends its calls. Opaque to generated code.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class GrainReferenceContext
{
    internal GrainReferenceContext(GrainId grainId, GeneratedInterface generated, ICallRuntime runtime)
    {
        GrainId = grainId;
        Interface = generated;
        Runtime = runtime;
    }

    internal GrainId GrainId { get; }

    internal GeneratedInterface Interface { get; }

    internal ICallRuntime Runtime { get; }

    internal static GrainReference CreateReference(ICallRuntime runtime, GrainId grainId, Type interfaceType)
    {
        var generated = InterfaceOf(interfaceType);
        return generated.CreateReference(new GrainReferenceContext(grainId, generated, runtime));
    }

    internal static GeneratedInterface InterfaceOf(Type interfaceType)
        => GeneratedManifest.FindInterface(interfaceType)
            ?? throw new InvalidOperationException(
                $"No code was generated for the grain interface {interfaceType}; its project must set UsesOrleans, which adds the generator.");
}
