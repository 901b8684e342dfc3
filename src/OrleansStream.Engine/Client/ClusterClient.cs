using Microsoft.Extensions.Hosting;
using Orleans;
using OrleansStream.Engine.Messaging;

namespace OrleansStream.Engine.Client;

/// <summary>A client in its host: connects when the host starts.</summary>
internal sealed class ClusterClient(
    GatewayPool gateways,
    ClientCallRuntime runtime,
    ClientManifest manifest,
    IClientConnectionRetryFilter retryFilter,
    IServiceProvider services) : GrainFactory(runtime, manifest), IClusterClient, IHostedService
{
    public IServiceProvider ServiceProvider => services;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await gateways.ConnectAsync(cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                if (!await retryFilter.ShouldRetryConnectionAttempt(exception, cancellationToken).ConfigureAwait(false))
                {
                    throw;
                }
            }
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => gateways.DisposeAsync().AsTask();
}
