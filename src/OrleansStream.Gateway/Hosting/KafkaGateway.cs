using System.Net;
using Microsoft.Extensions.Hosting;
using OrleansStream.Gateway.Connections;

namespace OrleansStream.Gateway;

/// <summary>The Kafka listener as a hosted service.</summary>
public sealed class KafkaGateway : IHostedService
{
    private readonly KafkaListener _listener;
    private readonly ListenerSettingsWatch _settings;
    private readonly Func<Task> _whenServing;

    internal KafkaGateway(KafkaListener listener, ListenerSettingsWatch settings, Func<Task> whenServing)
    {
        _listener = listener;
        _settings = settings;
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
        await _settings.StartAsync(cancellationToken);
        _listener.Start();
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _listener.DisposeAsync();
        await _settings.StopAsync();
    }
}
