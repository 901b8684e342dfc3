namespace Orleans.Configuration;

/// <summary>Gateways that a client is told once.</summary>
public class StaticGatewayListProviderOptions
{
    /// <summary>The gateways, as <c>gwy.tcp://address:port/0</c>.</summary>
    public List<Uri> Gateways { get; set; } = [];
}
