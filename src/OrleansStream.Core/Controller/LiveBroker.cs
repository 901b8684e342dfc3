namespace OrleansStream.Core.Controller;

/// <summary>A registered broker.</summary>
/// <param name="Registration">What it says of itself.</param>
/// <param name="BrokerEpoch">The transaction that registered it; each registration of a broker has a larger one (KIP-380).</param>
public sealed record LiveBroker(BrokerRegistration Registration, long BrokerEpoch)
{
    /// <summary>The broker id.</summary>
    public int BrokerId => Registration.BrokerId;

    /// <summary>The transaction since which the broker has had its logs without a loss.</summary>
    public long LogsSince => Registration.LogsSince;

    /// <summary>The transaction since which the broker has had its logs and always stopped in order, with everything on disk.</summary>
    public long OrderlySince => Math.Max(Registration.LogsSince, Registration.OrderlySince);
}
