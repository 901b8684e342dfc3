using System.Collections.Frozen;
using System.Globalization;
using Orleans.Runtime;
using Orleans.Runtime.Placement;

namespace OrleansStream.Grains.Placement;

/// <summary>
/// Finds the silo of a grain's broker in the cluster's membership. A grain of a broker that is not there is placed nowhere:
/// its log is on that broker's disk.
/// </summary>
public sealed class BrokerPlacementDirector : IPlacementDirector
{
    private readonly IClusterMembershipService _membership;
    private Brokers _brokers;

    /// <summary>Makes the director.</summary>
    public BrokerPlacementDirector(IClusterMembershipService membership)
    {
        ArgumentNullException.ThrowIfNull(membership);
        _membership = membership;
        _brokers = Brokers.Of(membership.CurrentSnapshot);
    }

    /// <inheritdoc/>
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var brokerId = BrokerIdOf(target.GrainIdentity);
        var snapshot = _membership.CurrentSnapshot;
        var brokers = _brokers;
        if (!ReferenceEquals(brokers.Snapshot, snapshot))
        {
            _brokers = brokers = Brokers.Of(snapshot);
        }

        return brokers.Silos.TryGetValue(brokerId, out var silo)
            ? Task.FromResult(silo)
            : throw new SiloUnavailableException(
                $"Broker {brokerId} is not available: no active silo is named {BrokerSiloName.For(brokerId)}. Grain {target.GrainIdentity} exists only there.");
    }

    /// <summary>The broker that a grain's key names.</summary>
    /// <exception cref="FormatException">The key names none.</exception>
    internal static int BrokerIdOf(GrainId grainId)
    {
        var key = grainId.Key.ToString()!;
        var at = key.LastIndexOf('@');
        if (at < 0)
        {
            return checked((int)grainId.GetIntegerKey());
        }

        return int.TryParse(key.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var brokerId)
            ? brokerId
            : throw new FormatException($"The key of grain {grainId} names no broker; expected …@brokerId.");
    }

    private sealed record Brokers(ClusterMembershipSnapshot Snapshot, FrozenDictionary<int, SiloAddress> Silos)
    {
        public static Brokers Of(ClusterMembershipSnapshot snapshot)
        {
            // A silo that stops still hosts what it hosted until it is dead; a broker that came back has a later generation.
            var silos = new Dictionary<int, ClusterMember>();
            foreach (var member in snapshot.Members.Values)
            {
                if (member.Status is SiloStatus.Active or SiloStatus.ShuttingDown or SiloStatus.Stopping
                    && BrokerSiloName.TryParse(member.Name, out var brokerId)
                    && (!silos.TryGetValue(brokerId, out var other) || other.SiloAddress.Generation < member.SiloAddress.Generation))
                {
                    silos[brokerId] = member;
                }
            }

            return new Brokers(snapshot, silos.ToFrozenDictionary(pair => pair.Key, pair => pair.Value.SiloAddress));
        }
    }
}
