using System.Collections.Immutable;

namespace Orleans.Runtime;

/// <summary>All silos that were known at one moment, dead ones included.</summary>
[Immutable]
public sealed class ClusterMembershipSnapshot
{
    /// <summary>Joins the parts.</summary>
    public ClusterMembershipSnapshot(ImmutableDictionary<SiloAddress, ClusterMember> members, MembershipVersion version)
    {
        Members = members;
        Version = version;
    }

    /// <summary>The silos.</summary>
    public ImmutableDictionary<SiloAddress, ClusterMember> Members { get; }

    /// <summary>The moment.</summary>
    public MembershipVersion Version { get; }

    /// <summary>A silo's status; Dead when a later incarnation of it is known, None when nothing is known.</summary>
    public SiloStatus GetSiloStatus(SiloAddress silo)
    {
        if (Members.TryGetValue(silo, out var member))
        {
            return member.Status;
        }

        return Members.Keys.Any(silo.IsPredecessorOf) ? SiloStatus.Dead : SiloStatus.None;
    }

    /// <inheritdoc/>
    public override string ToString() => $"[Version: {Version}, {Members.Count} silos: {string.Join(", ", Members.Values)}]";
}
