using System.Collections.Immutable;
using Orleans.Runtime;

namespace OrleansStream.Engine.Membership;

/// <summary>The membership table at one version.</summary>
internal sealed class MembershipView
{
    private readonly Dictionary<SiloAddress, MemberRecord> _bySilo;
    private ClusterMembershipSnapshot? _snapshot;

    public MembershipView(long version, IEnumerable<MemberRecord> members)
    {
        Version = version;
        Members = [.. members.OrderBy(member => member.Silo)];
        Active = [.. Members.Where(member => member.Status == SiloStatus.Active)];
        _bySilo = Members.ToDictionary(member => member.Silo);
    }

    public static MembershipView Empty { get; } = new(0, []);

    public long Version { get; }

    public IReadOnlyList<MemberRecord> Members { get; }

    public IReadOnlyList<MemberRecord> Active { get; }

    public ClusterMembershipSnapshot Snapshot
        => _snapshot ??= new ClusterMembershipSnapshot(
            Members.ToImmutableDictionary(member => member.Silo, member => new ClusterMember(member.Silo, member.Status, member.Name)),
            new MembershipVersion(Version));

    public MemberRecord? Find(SiloAddress silo) => _bySilo.GetValueOrDefault(silo);

    public bool IsActive(SiloAddress silo) => StatusOf(silo) == SiloStatus.Active;

    public SiloStatus StatusOf(SiloAddress silo) => Find(silo)?.Status ?? SiloStatus.None;

    /// <summary>This view with one member put in or replaced.</summary>
    public MembershipView With(MemberRecord member)
        => new(Version + 1, Members.Where(other => !other.Silo.Equals(member.Silo)).Append(member));

    /// <summary>This view without some members.</summary>
    public MembershipView Without(Func<MemberRecord, bool> isGone) => new(Version + 1, Members.Where(member => !isGone(member)));
}
