namespace Orleans.Configuration;

/// <summary>A client's list of gateways.</summary>
public class GatewayOptions
{
    /// <summary>How often the list is read again. Default 1 minute.</summary>
    public TimeSpan GatewayListRefreshPeriod { get; set; } = TimeSpan.FromMinutes(1);
}
