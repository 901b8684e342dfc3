using System.Collections.ObjectModel;
using Orleans.Runtime;

namespace Orleans.TestingHost;

/// <summary>A cluster of silos, and a client, for tests; all run in the test's own process.</summary>
public class TestCluster : IDisposable, IAsyncDisposable
{
    private readonly InProcessTestCluster _cluster;

    internal TestCluster(TestClusterOptions options, InProcessTestCluster cluster)
    {
        Options = options;
        _cluster = cluster;
    }

    /// <summary>The client.</summary>
    public IClusterClient Client => _cluster.Client;

    /// <summary>The client.</summary>
    public IGrainFactory GrainFactory => _cluster.Client;

    /// <summary>The cluster's options.</summary>
    public TestClusterOptions Options { get; }

    /// <summary>The first silo.</summary>
    public SiloHandle? Primary => Silos.Count > 0 ? Silos[0] : null;

    /// <summary>The silos after the first.</summary>
    public IReadOnlyList<SiloHandle> SecondarySilos => [.. Silos.Skip(1)];

    /// <summary>The client's services.</summary>
    public IServiceProvider ServiceProvider => Client.ServiceProvider;

    /// <summary>The silos that run.</summary>
    public ReadOnlyCollection<SiloHandle> Silos => new([.. _cluster.Silos]);

    /// <summary>Starts the silos, then the client.</summary>
    public Task DeployAsync() => _cluster.DeployAsync();

    /// <summary>The silos that run.</summary>
    public IEnumerable<SiloHandle> GetActiveSilos() => _cluster.GetActiveSilos();

    /// <summary>The silo at an address.</summary>
    public SiloHandle? GetSiloForAddress(SiloAddress siloAddress) => _cluster.GetSiloForAddress(siloAddress);

    /// <summary>The services of a silo, by default of the first.</summary>
    public IServiceProvider GetSiloServiceProvider(SiloAddress? silo = null) => _cluster.GetSiloServiceProvider(silo);

    /// <summary>Stops a silo at once.</summary>
    public Task KillSiloAsync(SiloHandle instance) => _cluster.KillSiloAsync((InProcessSiloHandle)instance);

    /// <summary>Stops a silo in good order.</summary>
    public Task StopSiloAsync(SiloHandle instance) => _cluster.StopSiloAsync((InProcessSiloHandle)instance);

    /// <summary>Stops a silo in good order and starts it again under the same name.</summary>
    public async Task<SiloHandle?> RestartSiloAsync(SiloHandle instance)
        => await _cluster.RestartSiloAsync((InProcessSiloHandle)instance).ConfigureAwait(false);

    /// <summary>Starts a stopped or killed silo again under its name.</summary>
    public async Task<SiloHandle> RestartStoppedSecondarySiloAsync(string siloName)
        => await _cluster.RestartStoppedSecondarySiloAsync(siloName).ConfigureAwait(false);

    /// <summary>Starts one more silo. Ports are always new ones.</summary>
    public async Task<SiloHandle> StartAdditionalSiloAsync(bool startAdditionalSiloOnNewPort = false)
        => await _cluster.StartAdditionalSiloAsync().ConfigureAwait(false);

    /// <summary>Stops the client and all silos in good order.</summary>
    public Task StopAllSilosAsync() => _cluster.StopAllSilosAsync();

    /// <summary>Stops the client in good order.</summary>
    public Task StopClusterClientAsync() => _cluster.StopClusterClientAsync();

    /// <summary>Stops the client at once.</summary>
    public Task KillClientAsync() => _cluster.KillClientAsync();

    /// <summary>Waits until every silo knows which silos run.</summary>
    public Task WaitForLivenessToStabilizeAsync(bool didKill = false) => _cluster.WaitForLivenessToStabilizeAsync(didKill);

    /// <summary>Stops everything at once.</summary>
    public void Dispose()
    {
        _cluster.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Stops everything at once.</summary>
    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync().ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }
}
