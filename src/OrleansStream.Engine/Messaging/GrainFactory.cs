using Orleans;
using Orleans.Runtime;
using OrleansStream.Engine.CodeGeneration;

namespace OrleansStream.Engine.Messaging;

/// <summary>Makes references whose calls go through one runtime.</summary>
internal class GrainFactory(ICallRuntime runtime, IGrainTypeResolver resolver) : IGrainFactory
{
    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(primaryKey);
        return Create<TGrainInterface>(IdSpan.Create(primaryKey), grainClassNamePrefix);
    }

    public TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithIntegerKey
        => Create<TGrainInterface>(GrainIdKeyExtensions.CreateIntegerKey(primaryKey), grainClassNamePrefix);

    public TGrainInterface GetGrain<TGrainInterface>(GrainId grainId)
        where TGrainInterface : IAddressable
        => (TGrainInterface)(object)GrainReferenceContext.CreateReference(runtime, grainId, typeof(TGrainInterface));

    private TGrainInterface Create<TGrainInterface>(IdSpan key, string? classNamePrefix)
    {
        var generated = GrainReferenceContext.InterfaceOf(typeof(TGrainInterface));
        var context = new GrainReferenceContext(new GrainId(resolver.Resolve(generated, classNamePrefix), key), generated, runtime);
        return (TGrainInterface)(object)generated.CreateReference(context);
    }
}
