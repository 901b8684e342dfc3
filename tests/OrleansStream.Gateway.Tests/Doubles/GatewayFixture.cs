using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OrleansStream.Abstractions;

namespace OrleansStream.Gateway.Tests.Doubles;

/// <summary>A gateway with fake grains behind it, listening on a port of its own.</summary>
internal sealed class GatewayFixture : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private GatewayFixture(Action<KafkaGatewayOptions>? configure)
    {
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.AddProvider(Log).SetMinimumLevel(LogLevel.Debug));
        services.AddSingleton(Grains.Factory);
        services.AddSingleton<TimeProvider>(Time);
        services.AddKafkaGateway(options =>
        {
            options.BrokerId = 1;
            options.EndPoint = new IPEndPoint(IPAddress.Loopback, 0);
            configure?.Invoke(options);
            Grains.Begin(new ListenerSettings(1, [], options.MaxConnections, options.MaxConnectionsPerIp));
        });
        _services = services.BuildServiceProvider();
        Gateway = _services.GetRequiredService<KafkaGateway>();
    }

    public FakeGrains Grains { get; } = new();

    public ManualTimeProvider Time { get; } = new();

    public LogRecorder Log { get; } = new();

    public KafkaGateway Gateway { get; }

    public static async Task<GatewayFixture> StartAsync(Action<KafkaGatewayOptions>? configure = null)
    {
        var fixture = new GatewayFixture(configure);
        await fixture.Gateway.StartAsync(CancellationToken.None);
        return fixture;
    }

    public T Service<T>()
        where T : notnull => _services.GetRequiredService<T>();

    public Task<TestClient> ConnectAsync() => TestClient.ConnectAsync(Gateway.LocalEndPoint!);

    public async ValueTask DisposeAsync()
    {
        await Expect.WithinAsync(Gateway.StopAsync(CancellationToken.None), "the gateway to stop");
        await _services.DisposeAsync();
    }
}
