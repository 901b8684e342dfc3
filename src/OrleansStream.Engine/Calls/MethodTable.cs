using System.Collections.Concurrent;
using System.Text;
using OrleansStream.Engine.CodeGeneration;
using OrleansStream.Engine.Identity;

namespace OrleansStream.Engine.Calls;

/// <summary>The number of a method on the wire: a hash of interface and method name, equal in every process.</summary>
internal static class MethodTable
{
    private static readonly ConcurrentDictionary<GrainMethodDescriptor, ulong> Ids = new(ReferenceEqualityComparer.Instance);
    private static readonly ConcurrentDictionary<ulong, GrainMethodDescriptor> ById = new();

    public static ulong IdOf(GrainMethodDescriptor method)
        => Ids.TryGetValue(method, out var id)
            ? id
            : Ids.GetOrAdd(method, static added => StableHashCode.Of64(Encoding.UTF8.GetBytes($"{added.InterfaceName}/{added.MethodName}")));

    /// <summary>The method of a number, null when no loaded assembly has it.</summary>
    /// <exception cref="InvalidOperationException">Two methods have the same number.</exception>
    public static GrainMethodDescriptor? Find(ulong id)
    {
        if (ById.TryGetValue(id, out var method))
        {
            return method;
        }

        foreach (var generated in GeneratedManifest.Interfaces)
        {
            foreach (var candidate in generated.Methods)
            {
                var known = ById.GetOrAdd(IdOf(candidate), candidate);
                if (known.InterfaceName != candidate.InterfaceName || known.MethodName != candidate.MethodName)
                {
                    throw new InvalidOperationException(
                        $"{known.InterfaceName}.{known.MethodName} and {candidate.InterfaceName}.{candidate.MethodName} have the same number; give one another [Alias].");
                }
            }
        }

        return ById.GetValueOrDefault(id);
    }
}
