namespace Orleans.Messaging;

/// <summary>Tells a client where the gateways are.</summary>
public interface IGatewayListProvider
{
    /// <summary>Not used.</summary>
    [Obsolete("This attribute is no longer used and all providers are considered updatable")]
    bool IsUpdatable { get; }

    /// <summary>How long a list stays good; the client asks again after that.</summary>
    TimeSpan MaxStaleness { get; }

    /// <summary>The gateways, as <c>gwy.tcp://address:port/generation</c>.</summary>
    Task<IList<Uri>> GetGateways();

    /// <summary>Called once before the first list.</summary>
    Task InitializeGatewayListProvider();
}
