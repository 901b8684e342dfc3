using System.Net;
using Microsoft.Extensions.Hosting;
using OrleansStream.Gateway.Connections;

namespace OrleansStream.Gateway;

/// <summary>The Kafka listener as a hosted service.</summary>
public sealed class KafkaGateway : IHostedService
{
    private readonly KafkaListener _listener;
    private readonly Func<Task> _whenServing;

    internal KafkaGateway(KafkaListener listener, Func<Task> whenServing)
    {
        _listener = listener;
        _whenServing = whenServing;
    }

    /// <summary>Where it listens, once it does.</summary>
    public IPEndPoint? LocalEndPoint => _listener.LocalEndPoint;

    /// <summary>The connections that are open.</summary>
    public int ConnectionCount => _listener.ConnectionCount;

    /// <inheritdoc/>
    /// <exception cref="IOException">The address cannot be used; the message names it and the reason.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _whenServing().WaitAsync(cancellationToken);
        _listener.Start();
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => _listener.DisposeAsync().AsTask();
}
