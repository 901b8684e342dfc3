using Orleans.Runtime;
using OrleansStream.Engine.CodeGeneration;

namespace OrleansStream.Engine.Messaging;

/// <summary>Finds the grain type that stands behind an interface.</summary>
internal interface IGrainTypeResolver
{
    /// <exception cref="ArgumentException">No class implements the interface, or the choice is not clear.</exception>
    GrainType Resolve(GeneratedInterface generated, string? classNamePrefix);
}

internal static class GrainTypeChoice
{
    public static GrainType Choose(GeneratedInterface generated, string? classNamePrefix, IEnumerable<(GrainType GrainType, string ClassName)> candidates)
    {
        (GrainType GrainType, string ClassName)[] fitting =
            [.. candidates.Where(candidate => string.IsNullOrEmpty(classNamePrefix) || candidate.ClassName.StartsWith(classNamePrefix, StringComparison.Ordinal)).Distinct()];
        var suffix = string.IsNullOrEmpty(classNamePrefix) ? string.Empty : $" whose name begins with '{classNamePrefix}'";
        return fitting.Length switch
        {
            1 => fitting[0].GrainType,
            0 => throw new ArgumentException($"Could not find an implementation for interface {generated.InterfaceType}{suffix}."),
            _ => throw new ArgumentException(
                $"The interface {generated.InterfaceType} has several implementations{suffix}: {string.Join(", ", fitting.Select(candidate => candidate.ClassName))}; choose one with grainClassNamePrefix."),
        };
    }
}
