using System.Net;
using Microsoft.Extensions.Hosting;
using OrleansStream.Gateway.Connections;

namespace OrleansStream.Gateway;

/// <summary>The Kafka listener as a hosted service.</summary>
public sealed class KafkaGateway : IHostedService
{
    private readonly KafkaListener _listener;

    internal KafkaGateway(KafkaListener listener)
    {
        _listener = listener;
    }

    /// <summary>Where it listens, once it does.</summary>
    public IPEndPoint? LocalEndPoint => _listener.LocalEndPoint;

    /// <summary>The connections that are open.</summary>
    public int ConnectionCount => _listener.ConnectionCount;

    /// <inheritdoc/>
    /// <exception cref="IOException">The address cannot be used; the message names it and the reason.</exception>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _listener.Start();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => _listener.DisposeAsync().AsTask();
}
