using Orleans;
using Orleans.Placement;
using Orleans.Runtime;

namespace OrleansStream.Grains.Placement;

/// <summary>Puts a grain on the silo of the broker that its key names: <c>…@brokerId</c>, or the integer key itself.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class BrokerPlacementAttribute : PlacementAttribute
{
    /// <summary>Makes the attribute.</summary>
    public BrokerPlacementAttribute()
        : base(new BrokerPlacementStrategy())
    {
    }
}

/// <summary>See <see cref="BrokerPlacementAttribute"/>.</summary>
[GenerateSerializer, Immutable]
public sealed class BrokerPlacementStrategy : PlacementStrategy
{
}
