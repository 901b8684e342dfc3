using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Hosting;
using OrleansStream.Abstractions;
using OrleansStream.Grains.Hosting;

namespace OrleansStream.SiloHost;

/// <summary>Puts a broker together from its parts and runs it until it is told to stop.</summary>
internal static class BrokerProcess
{
    /// <summary>Runs a broker.</summary>
    /// <param name="settings">What it was told.</param>
    /// <param name="endpoints">Where it listens.</param>
    /// <param name="output">Gets the one line that says that the broker serves.</param>
    /// <param name="stop">Ends it, as SIGTERM does.</param>
    /// <returns>False when the broker failed while it ran; why is in the log.</returns>
    /// <exception cref="UsageException">A setting does not fit.</exception>
    /// <exception cref="BrokerStartException">The broker cannot start; the message is one clear line.</exception>
    public static async Task<bool> RunAsync(HostSettings settings, Endpoints endpoints, TextWriter output, CancellationToken stop = default)
    {
        using var host = Build(settings, endpoints);
        var broker = await PrepareAsync(host.Services);
        var lifetime = host.Services.GetRequiredService<IHostApplicationLifetime>();
        try
        {
            await host.StartAsync(lifetime.ApplicationStopping);
            await broker.WhenServing.WaitAsync(lifetime.ApplicationStopping);
            var gateway = new IPEndPoint(endpoints.Advertised, endpoints.GatewayPort);
            var kafka = endpoints.KafkaPort == 0 ? "off" : new IPEndPoint(endpoints.Advertised, endpoints.KafkaPort).ToString();
            await output.WriteLineAsync($"ready kafka={kafka} gateway={gateway} dashboard=off data={broker.DataDirectory}");
            await output.FlushAsync();
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            // Told to stop while starting.
        }
        catch (Exception exception) when (ReferenceEquals(exception, broker.Failure))
        {
            // Told in the log; the broker is stopping by itself.
        }
        catch (Exception exception) when (exception is SocketException or AddressInUseException)
        {
            // Somebody took a port after it was found free.
            throw new BrokerStartException($"The broker cannot listen: {exception.Message}", exception);
        }

        await host.WaitForShutdownAsync(stop);
        return broker.Failure is null;
    }

    /// <summary>Finds out what stands in the broker's way before anything runs.</summary>
    private static async Task<IBroker> PrepareAsync(IServiceProvider services)
    {
        try
        {
            var broker = services.GetRequiredService<IBroker>();
            await broker.PrepareAsync(CancellationToken.None);
            return broker;
        }
        catch (OptionsValidationException exception)
        {
            throw new UsageException(string.Join(" ", exception.Failures));
        }
    }

    /// <summary>With ZooKeeper the brokers find each other there; without, there is one.</summary>
    private static ISiloBuilder UseClustering(ISiloBuilder silo, HostSettings settings, Endpoints endpoints)
        => settings.ZooKeeper is { } zooKeeper
            ? silo
                .UseZooKeeperClustering((ZooKeeperClusteringSiloOptions options) => options.ConnectionString = zooKeeper)
                .Configure<ClusterOptions>(options =>
                {
                    options.ClusterId = ClusterDefaults.ClusterId;
                    options.ServiceId = ClusterDefaults.ServiceId;
                })
            : silo.UseLocalhostClustering(
                endpoints.SiloPort, endpoints.GatewayPort, new IPEndPoint(endpoints.Advertised, endpoints.SiloPort), ClusterDefaults.ServiceId, ClusterDefaults.ClusterId);

    private static IHost Build(HostSettings settings, Endpoints endpoints)
    {
        // No defaults: configuration is read already, and each provider that is not needed makes the start slower.
        var builder = new HostApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true, Args = [] });
        builder.Services.Configure<ConsoleLifetimeOptions>(options => options.SuppressStatusMessages = true);
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromMinutes(1));
        builder.Logging.SetMinimumLevel(Enum.Parse<LogLevel>(settings.LogLevel));
        builder.Logging.AddSimpleConsole(options =>
        {
            options.SingleLine = true;
            options.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
            options.UseUtcTimestamp = true;
            options.ColorBehavior = LoggerColorBehavior.Disabled;
        });

        // What keeps the host from starting is told in one line.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        builder.Services.Configure<ConsoleLoggerOptions>(options => options.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.UseOrleans(silo => UseClustering(silo, settings, endpoints)
            .ConfigureEndpoints(endpoints.Advertised, endpoints.SiloPort, endpoints.GatewayPort, endpoints.IsAny)
            .AddOrleansStreamBroker(options =>
            {
                options.BrokerId = settings.BrokerId;
                options.DataDirectory = settings.DataDirectory;
                options.AdvertisedHost = settings.AdvertisedHost ?? (endpoints.IsAny ? endpoints.Advertised.ToString() : settings.Host);
                options.KafkaPort = endpoints.KafkaPort;
                options.ClusterId = settings.ClusterId;
                options.ZooKeeper = settings.ZooKeeper;
                options.Rack = settings.Rack;
                foreach (var (key, value) in settings.Configs)
                {
                    options.Configs[key] = value;
                }
            }));
        builder.AddKafkaListener(settings, endpoints);
        return builder.Build();
    }
}
