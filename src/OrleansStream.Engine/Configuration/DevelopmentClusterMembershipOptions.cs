using System.Net;

namespace Orleans.Configuration;

/// <summary>A cluster whose membership one silo, the primary, holds in memory.</summary>
public class DevelopmentClusterMembershipOptions
{
    /// <summary>The primary's silo endpoint; null or this silo's own: this silo is the primary.</summary>
    public IPEndPoint? PrimarySiloEndpoint { get; set; }
}
