namespace Orleans.Runtime;

/// <summary>This silo.</summary>
public interface ILocalSiloDetails
{
    /// <summary>The cluster's id.</summary>
    string ClusterId { get; }

    /// <summary>The machine's name.</summary>
    string DnsHostName { get; }

    /// <summary>Where clients connect; port 0 when the silo is no gateway.</summary>
    SiloAddress GatewayAddress { get; }

    /// <summary>The silo's name.</summary>
    string Name { get; }

    /// <summary>The silo's address.</summary>
    SiloAddress SiloAddress { get; }
}
