namespace OrleansStream.Gateway.Connections;

/// <summary>How many connections there may be; may be changed while the listener runs, for connections that come afterwards.</summary>
internal sealed class ConnectionLimits(KafkaGatewayOptions options)
{
    private volatile Values _current = new(options.MaxConnections, options.MaxConnectionsPerIp);

    /// <summary>What holds.</summary>
    public Values Current => _current;

    /// <summary>Other limits hold from now on.</summary>
    public void Set(int maxConnections, int maxConnectionsPerIp) => _current = new Values(maxConnections, maxConnectionsPerIp);

    /// <summary>Limits at one moment.</summary>
    /// <param name="MaxConnections"><c>max.connections</c>.</param>
    /// <param name="MaxConnectionsPerIp"><c>max.connections.per.ip</c>.</param>
    internal sealed record Values(int MaxConnections, int MaxConnectionsPerIp);
}
