using System.Text;
using Orleans.Runtime;
using OrleansStream.Engine.Identity;
using OrleansStream.Engine.Membership;

namespace OrleansStream.Engine.Placement;

/// <summary>
/// Rendezvous hashing: every silo finds the same silo for a grain from the list of active silos alone, and when a silo comes or goes
/// only its own share of the grains moves.
/// </summary>
internal static class HashPlacement
{
    public static SiloAddress? Choose(GrainId grainId, IReadOnlyList<MemberRecord> active)
    {
        if (active.Count == 1)
        {
            return active[0].Silo;
        }

        var grainHash = (ulong)grainId.GetUniformHashCode() << 32;
        MemberRecord? best = null;
        var bestWeight = 0UL;
        foreach (var member in active)
        {
            var weight = StableHashCode.Mix(grainHash ^ member.PlacementHash);
            if (best is null || weight > bestWeight || (weight == bestWeight && member.Silo.CompareTo(best.Silo) < 0))
            {
                best = member;
                bestWeight = weight;
            }
        }

        return best?.Silo;
    }

    /// <summary>By name, so that a restarted silo gets the grains that it had.</summary>
    public static ulong HashOf(string name) => StableHashCode.Of64(Encoding.UTF8.GetBytes(name));
}
