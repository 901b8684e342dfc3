namespace Orleans.TestingHost;

/// <summary>One silo of a test cluster. Ports of 0 are chosen when the silo starts.</summary>
public sealed class InProcessTestSiloSpecificOptions
{
    /// <summary>The silo's name.</summary>
    public string SiloName { get; set; } = string.Empty;

    /// <summary>The port for silos.</summary>
    public int SiloPort { get; set; }

    /// <summary>The port for clients.</summary>
    public int GatewayPort { get; set; }
}
