using System.Collections.Concurrent;
using Orleans.Runtime;

namespace OrleansStream.Engine.Messaging;

/// <summary>One object for each grain type that was seen, so that reading a message does not make another.</summary>
internal static class GrainTypeTable
{
    // More types than this are not interned: their names come from the network.
    private const int Capacity = 4096;

    private static readonly ConcurrentDictionary<int, GrainType> ByHash = new();

    public static GrainType Intern(ReadOnlySpan<byte> name)
    {
        var hash = Identity.StableHashCode.Of(name);
        if (ByHash.TryGetValue(hash, out var known) && known.AsSpan().SequenceEqual(name))
        {
            return known;
        }

        var made = new GrainType(new IdSpan(name.ToArray()));
        if (ByHash.Count < Capacity)
        {
            ByHash.TryAdd(hash, made);
        }

        return made;
    }
}
