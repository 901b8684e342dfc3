using Orleans.Runtime;

namespace Orleans;

/// <summary>Makes references to grains. A reference always exists; the grain is activated by its first call.</summary>
public interface IGrainFactory
{
    /// <summary>The grain with a string key.</summary>
    /// <param name="primaryKey">The key, not empty.</param>
    /// <param name="grainClassNamePrefix">The beginning of the grain class's full name, where several classes implement the interface.</param>
    /// <exception cref="ArgumentException">No grain class implements the interface, or several do and the prefix does not choose one.</exception>
    TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey;

    /// <summary>The grain with an integer key.</summary>
    TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithIntegerKey;

    /// <summary>The grain with an id.</summary>
    TGrainInterface GetGrain<TGrainInterface>(GrainId grainId)
        where TGrainInterface : IAddressable;
}
