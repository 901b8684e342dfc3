using System.Net.Security;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace OrleansStream.ZooKeeper;

/// <summary>How a <see cref="ZooKeeperClient"/> reaches its ensemble.</summary>
public sealed class ZooKeeperOptions
{
    /// <summary>The servers and the chroot. Required.</summary>
    public required ConnectString ConnectString { get; init; }

    /// <summary>
    /// How long the servers keep the session without hearing of it (<c>zookeeper.session.timeout.ms</c>); they bound it by their
    /// own limits, 2 to 20 of their ticks. Default 18 s, as in Kafka.
    /// </summary>
    public TimeSpan SessionTimeout { get; init; } = TimeSpan.FromSeconds(18);

    /// <summary>How long the first connection may take (<c>zookeeper.connection.timeout.ms</c>). Default 18 s, as in Kafka.</summary>
    public TimeSpan ConnectionTimeout { get; init; } = TimeSpan.FromSeconds(18);

    /// <summary>
    /// How long requests wait for a connection after it was lost; then they fail, while the client goes on looking for a server.
    /// Default 18 s.
    /// </summary>
    public TimeSpan RequestWait { get; init; } = TimeSpan.FromSeconds(18);

    /// <summary>TLS; null for none. Without a target host the name in the connect string is expected in the certificate.</summary>
    public SslClientAuthenticationOptions? Tls { get; init; }

    /// <summary>What each connection proves first.</summary>
    public IReadOnlyList<AuthInfo> Auth { get; init; } = [];

    /// <summary>How many requests may wait or be under way; more are refused. Default 16,384.</summary>
    public int MaxRequests { get; init; } = 16_384;

    /// <summary>The largest request in bytes; the servers' <c>jute.maxbuffer</c>, whose default is 0xfffff.</summary>
    public int MaxRequestBytes { get; init; } = 0xfffff;

    /// <summary>The largest answer that is read, in bytes. Default 16 MiB.</summary>
    public int MaxResponseBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where the client logs.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;
}
