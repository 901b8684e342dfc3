using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using OrleansStream.Abstractions;

namespace OrleansStream.Client;

/// <summary>
/// An Orleans client of its own, in a host of its own: the application's host starts whether or not a broker runs, and
/// several clusters can be used from one process. Once connected, the Orleans client reconnects by itself.
/// </summary>
internal sealed class GatewayClusterConnection(
    OrleansStreamClientOptions options,
    ILoggerFactory loggerFactory,
    TimeProvider time) : IClusterConnection
{
    // Longer than any time-out of this client, so that its own are the ones that count.
    private static readonly TimeSpan ResponseTimeout = TimeSpan.FromMinutes(10);

    // A broker that takes longer is as good as away; there are others.
    private static readonly TimeSpan OpenConnectionTimeout = TimeSpan.FromSeconds(2);

    private readonly ConnectionLog _log = new(loggerFactory);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private Task<IGrainFactory>? _connecting;
    private IHost? _host;

    private readonly IGatewaySource _gateways = options.ZooKeeper is { } zooKeeper ? new ZooKeeperGateways(zooKeeper) : new BootstrapGateways(options.Bootstrap);

    private DirectConnections? _direct;

    public IReadOnlyList<string> Bootstrap => _gateways.Addresses;

    public DirectConnections Direct
    {
        get
        {
            lock (_gate)
            {
                return _direct ??= new DirectConnections(StartDirectAsync, StopAsync, time);
            }
        }
    }

    public async ValueTask<IGrainFactory> GetGrainFactoryAsync(CancellationToken cancellationToken)
    {
        Task<IGrainFactory> connecting;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopping.IsCancellationRequested, typeof(IOrleansStreamClient));
            if (_connecting is null or { IsCompleted: true, IsCompletedSuccessfully: false })
            {
                // All who wait share one attempt, so no single caller's token ends it.
                _connecting = ConnectAsync(_stopping.Token);
            }

            connecting = _connecting;
        }

        return await connecting.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        Task? connecting;
        DirectConnections? direct;
        lock (_gate)
        {
            if (_stopping.IsCancellationRequested)
            {
                return;
            }

            _stopping.Cancel();
            connecting = _connecting;
            direct = _direct;
        }

        if (direct is not null)
        {
            await direct.DisposeAsync().ConfigureAwait(false);
        }

        if (connecting is not null)
        {
            // Whether it connected is of no interest any more, only that it has ended.
            await connecting.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default).ConfigureAwait(false);
        }

        if (Interlocked.Exchange(ref _host, null) is { } host)
        {
            await StopAsync(host).ConfigureAwait(false);
        }
    }

    private async Task<IGrainFactory> ConnectAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
        var started = time.GetTimestamp();
        var backoff = new RetryBackoff(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(1));
        while (true)
        {
            Exception failure;
            try
            {
                var clustering = await _gateways.FindAsync(cancellationToken).ConfigureAwait(false);
                return await StartAsync(clustering, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                failure = exception;
            }

            var pause = backoff.Next();
            if (time.GetElapsedTime(started) + pause >= options.ConnectTimeout)
            {
                throw Unavailable(failure);
            }

            _log.CannotConnect(string.Join(", ", Bootstrap), failure.Message, pause);
            await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<IGrainFactory> StartAsync(Action<IClientBuilder> clustering, CancellationToken cancellationToken)
    {
        var timeout = options.ConnectTimeout > TimeSpan.FromSeconds(1) ? options.ConnectTimeout : TimeSpan.FromSeconds(1);
        var (host, client) = await StartAsync(clustering, timeout, cancellationToken).ConfigureAwait(false);
        _host = host;
        _log.Connected(string.Join(", ", Bootstrap));
        return client;
    }

    private async Task<(IHost Host, IGrainFactory Factory)> StartDirectAsync(IPEndPoint endPoint, CancellationToken cancellationToken)
        => await StartAsync(client => client.UseStaticClustering(endPoint), 2 * OpenConnectionTimeout, cancellationToken).ConfigureAwait(false);

    private async Task<(IHost Host, IClusterClient Client)> StartAsync(Action<IClientBuilder> clustering, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var host = Build(clustering);
        try
        {
            await host.StartAsync(cancellationToken).WaitAsync(timeout, time, cancellationToken).ConfigureAwait(false);
            var client = host.Services.GetRequiredService<IClusterClient>();

            // Only an answer says that a broker of this cluster is there; an open port alone may be anything.
            await client.GetGrain<IClusterGrain>(0)
                .GetMetadataAsync(new MetadataRequest([], false), cancellationToken)
                .WaitAsync(timeout, time, cancellationToken).ConfigureAwait(false);
            return (host, client);
        }
        catch
        {
            await StopAsync(host).ConfigureAwait(false);
            throw;
        }
    }

    private IHost Build(Action<IClientBuilder> clustering)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton(loggerFactory);
        builder.Services.AddSingleton<IHostLifetime, DetachedLifetime>();
        builder.UseOrleansClient(client =>
        {
            clustering(client);
            client.Configure<ClusterOptions>(cluster =>
            {
                cluster.ClusterId = options.ClusterId ?? ClusterDefaults.ClusterId;
                cluster.ServiceId = ClusterDefaults.ServiceId;
            });
            client.Configure<ClientMessagingOptions>(messaging => messaging.ResponseTimeout = ResponseTimeout);
            client.Configure<ConnectionOptions>(connections => connections.OpenConnectionTimeout = OpenConnectionTimeout);
            client.Configure<GatewayOptions>(gateways => gateways.GatewayListRefreshPeriod = TimeSpan.FromSeconds(1));
        });
        return builder.Build();
    }

    private BrokerUnavailableException Unavailable(Exception failure)
    {
        var addresses = string.Join(", ", Bootstrap);
        var within = options.ConnectTimeout > TimeSpan.Zero ? $" within {options.ConnectTimeout.TotalSeconds:0.#} s" : string.Empty;
        return new BrokerUnavailableException(Bootstrap, $"No broker answered at {addresses}{within} ({failure.Message}). {_gateways.Advise(failure)}", failure);
    }

    private async Task StopAsync(IHost host)
    {
        try
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            await host.StopAsync(patience.Token).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // A client that cannot say goodbye is gone all the same.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _log.CannotStop(exception);
        }

        if (host is IAsyncDisposable disposable)
        {
            await disposable.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>The inner host ends with the client, not with Ctrl-C.</summary>
    private sealed class DetachedLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
