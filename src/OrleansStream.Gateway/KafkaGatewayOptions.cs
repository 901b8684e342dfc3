using System.Net;

namespace OrleansStream.Gateway;

/// <summary>The Kafka listener of a broker.</summary>
public sealed class KafkaGatewayOptions
{
    /// <summary>The broker on whose silo the listener runs.</summary>
    public int BrokerId { get; set; }

    /// <summary>Where to listen.</summary>
    public IPEndPoint EndPoint { get; set; } = new(IPAddress.Loopback, 9092);

    /// <summary><c>socket.request.max.bytes</c>: the largest request; a larger one closes its connection before anything is allocated.</summary>
    public int SocketRequestMaxBytes { get; set; } = 100 * 1024 * 1024;

    /// <summary><c>max.connections</c> at the start: further connections are closed at once.</summary>
    public int MaxConnections { get; set; } = int.MaxValue;

    /// <summary><c>max.connections.per.ip</c> at the start: further connections from one address are closed at once.</summary>
    public int MaxConnectionsPerIp { get; set; } = int.MaxValue;

    /// <summary><c>connections.max.idle.ms</c>: a connection without requests for so long is closed; -1 for never.</summary>
    public long ConnectionsMaxIdleMs { get; set; } = 10 * 60 * 1000;

    /// <summary><c>queued.max.request.bytes</c>: the bytes of all requests in work; beyond it no further request is read.</summary>
    public long QueuedMaxRequestBytes { get; set; } = 256L * 1024 * 1024;

    /// <summary><c>max.in.flight.requests.per.connection</c>, the broker's bound: further requests of the connection are not read.</summary>
    public int MaxInFlightRequestsPerConnection { get; set; } = 64;

    /// <summary><c>max.incremental.fetch.session.cache.slots</c>: the fetch sessions that are kept (KIP-227).</summary>
    public int MaxFetchSessions { get; set; } = 1000;

    /// <summary><c>quota.window.num</c>: the windows of the rate of a client with a quota.</summary>
    public int QuotaWindowNum { get; set; } = 11;

    /// <summary><c>quota.window.size.seconds</c>: the length of such a window.</summary>
    public int QuotaWindowSizeSeconds { get; set; } = 1;

    /// <summary>Completes when the broker can answer; until then nothing is listened at. Null listens at once.</summary>
    public Func<IServiceProvider, Task>? WhenServing { get; set; }

    /// <summary>How long a stopping listener waits for requests in work.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(10);
}
