using System.Collections.ObjectModel;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using OrleansStream.Engine.Hosting;
using OrleansStream.Engine.Membership;

namespace Orleans.TestingHost;

/// <summary>A cluster of silos, and a client, in the test's own process. They talk over TCP on the loopback interface.</summary>
public sealed class InProcessTestCluster : IDisposable, IAsyncDisposable
{
    private readonly InMemoryMembershipTable _membership = new();
    private readonly List<InProcessSiloHandle> _silos = [];
    private IHost? _clientHost;
    private short _nextInstance;

    internal InProcessTestCluster(InProcessTestClusterOptions options)
    {
        Options = options;
    }

    /// <summary>The client.</summary>
    public IClusterClient Client
        => _clientHost?.Services.GetRequiredService<IClusterClient>() ?? throw new InvalidOperationException("The cluster's client is not started.");

    /// <summary>The cluster's options.</summary>
    public InProcessTestClusterOptions Options { get; }

    /// <summary>The silos that run.</summary>
    public ReadOnlyCollection<InProcessSiloHandle> Silos
    {
        get
        {
            lock (_silos)
            {
                return new([.. _silos]);
            }
        }
    }

    /// <summary>Starts the silos, then the client.</summary>
    public async Task DeployAsync()
    {
        await StartSilosAsync(Options.InitialSilosCount).ConfigureAwait(false);
        if (Options.InitializeClientOnDeploy)
        {
            await InitializeClientAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Starts the client.</summary>
    public async Task InitializeClientAsync()
    {
        var builder = CreateHostBuilder("TestClient");
        builder.UseOrleansClient(client =>
        {
            client.Configure<ClusterOptions>(SetIds);
            ClientServices.UseMembership(client.Services, _membership);
        });
        foreach (var configure in Options.ClientHostConfigurationDelegates)
        {
            configure(builder);
        }

        _clientHost = builder.Build();
        await _clientHost.StartAsync().ConfigureAwait(false);
    }

    /// <summary>Starts one more silo.</summary>
    public async Task<InProcessSiloHandle> StartAdditionalSiloAsync() => (await StartSilosAsync(1).ConfigureAwait(false))[0];

    /// <summary>Starts so many more silos.</summary>
    public async Task<List<InProcessSiloHandle>> StartSilosAsync(int silosToStart)
    {
        var starts = new List<Task<InProcessSiloHandle>>();
        for (var i = 0; i < silosToStart; i++)
        {
            var instance = _nextInstance++;
            starts.Add(StartSiloAsync(instance, string.Create(CultureInfo.InvariantCulture, $"Silo_{instance}")));
        }

        return [.. await Task.WhenAll(starts).ConfigureAwait(false)];
    }

    /// <summary>Stops a silo in good order.</summary>
    public Task StopSiloAsync(InProcessSiloHandle instance) => RemoveAsync(instance, stopGracefully: true);

    /// <summary>Stops a silo at once: nothing is deactivated, nobody is told.</summary>
    public Task KillSiloAsync(InProcessSiloHandle instance) => RemoveAsync(instance, stopGracefully: false);

    /// <summary>Stops a silo in good order and starts it again under the same name.</summary>
    public async Task<InProcessSiloHandle?> RestartSiloAsync(InProcessSiloHandle instance)
    {
        ArgumentNullException.ThrowIfNull(instance);
        await StopSiloAsync(instance).ConfigureAwait(false);
        return await StartSiloAsync(instance.InstanceNumber, instance.Name).ConfigureAwait(false);
    }

    /// <summary>Stops the client and all silos in good order.</summary>
    public async Task StopAllSilosAsync()
    {
        await StopClusterClientAsync().ConfigureAwait(false);
        await StopSilosAsync().ConfigureAwait(false);
    }

    /// <summary>Stops all silos in good order.</summary>
    public async Task StopSilosAsync()
    {
        foreach (var silo in Silos)
        {
            await StopSiloAsync(silo).ConfigureAwait(false);
        }
    }

    /// <summary>Stops the client in good order.</summary>
    public async Task StopClusterClientAsync()
    {
        if (Interlocked.Exchange(ref _clientHost, null) is { } host)
        {
            await host.StopAsync().ConfigureAwait(false);
            await ((IAsyncDisposable)host).DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>The services of a silo, by default of the first.</summary>
    public IServiceProvider GetSiloServiceProvider(SiloAddress? silo = null)
        => (silo is null ? Silos.FirstOrDefault() : Silos.FirstOrDefault(running => running.SiloAddress.Equals(silo)))?.ServiceProvider
            ?? throw new ArgumentException($"The cluster has no silo {silo}.", nameof(silo));

    /// <summary>Waits until every silo knows which silos run.</summary>
    public async Task WaitForLivenessToStabilizeAsync(bool didKill = false)
    {
        foreach (var silo in Silos)
        {
            var expected = Silos.Select(other => other.SiloAddress).ToHashSet();
            await foreach (var snapshot in silo.ServiceProvider.GetRequiredService<IClusterMembershipService>().MembershipUpdates.ConfigureAwait(false))
            {
                if (expected.SetEquals(snapshot.Members.Values.Where(member => member.Status == SiloStatus.Active).Select(member => member.SiloAddress)))
                {
                    break;
                }
            }
        }
    }

    /// <summary>Stops everything at once.</summary>
    public void Dispose()
    {
        foreach (var silo in Silos)
        {
            silo.Dispose();
        }

        Interlocked.Exchange(ref _clientHost, null)?.Dispose();
    }

    /// <summary>Stops everything at once.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _clientHost, null) is { } host)
        {
            await ((IAsyncDisposable)host).DisposeAsync().ConfigureAwait(false);
        }

        foreach (var silo in Silos)
        {
            await silo.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static HostApplicationBuilder CreateHostBuilder(string name)
        => new(new HostApplicationBuilderSettings { DisableDefaults = true, ApplicationName = name, EnvironmentName = Environments.Development });

    private async Task<InProcessSiloHandle> StartSiloAsync(short instance, string name)
    {
        var siloOptions = new InProcessTestSiloSpecificOptions { SiloName = name };
        var builder = CreateHostBuilder(name);
        builder.UseOrleans(silo =>
        {
            silo.Configure<ClusterOptions>(SetIds);
            silo.Configure<SiloOptions>(options => options.SiloName = siloOptions.SiloName);
            SiloServices.UseMembership(silo.Services, _membership);
        });
        foreach (var configure in Options.SiloHostConfigurationDelegates)
        {
            configure(siloOptions, builder);
        }

        builder.UseOrleans(silo => SiloServices.ListenOn(silo.Services, siloOptions.SiloPort, siloOptions.GatewayPort));
        var host = builder.Build();
        await host.StartAsync().ConfigureAwait(false);
        var handle = new InProcessSiloHandle(host) { InstanceNumber = instance };
        lock (_silos)
        {
            _silos.Add(handle);
            _silos.Sort((one, other) => one.InstanceNumber.CompareTo(other.InstanceNumber));
        }

        return handle;
    }

    private async Task RemoveAsync(InProcessSiloHandle silo, bool stopGracefully)
    {
        ArgumentNullException.ThrowIfNull(silo);
        lock (_silos)
        {
            _silos.Remove(silo);
        }

        await silo.StopSiloAsync(stopGracefully).ConfigureAwait(false);
        await silo.DisposeAsync().ConfigureAwait(false);
    }

    private void SetIds(ClusterOptions options)
    {
        options.ClusterId = Options.ClusterId;
        options.ServiceId = Options.ServiceId;
    }
}
