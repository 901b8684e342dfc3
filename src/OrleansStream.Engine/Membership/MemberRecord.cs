using System.Net;
using Orleans.Runtime;
using OrleansStream.Engine.Placement;

namespace OrleansStream.Engine.Membership;

/// <summary>A silo in the membership table.</summary>
/// <param name="Silo">Its address.</param>
/// <param name="Name">Its name.</param>
/// <param name="Status">Its status.</param>
/// <param name="Gateway">Where clients connect; null when it is no gateway.</param>
/// <param name="Suspicions">Who suspects it, and since when.</param>
internal sealed record MemberRecord(SiloAddress Silo, string Name, SiloStatus Status, IPEndPoint? Gateway, IReadOnlyList<Suspicion> Suspicions)
{
    /// <summary>Its share in placement by hash.</summary>
    public ulong PlacementHash { get; } = HashPlacement.HashOf(Name);
}

/// <summary>A silo's word that another does not answer.</summary>
internal sealed record Suspicion(SiloAddress By, DateTimeOffset Since);
