using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Runtime;
using OrleansStream.Engine.Hosting;

namespace Orleans.TestingHost;

/// <summary>A silo that runs in the test's own process.</summary>
public class InProcessSiloHandle : SiloHandle
{
    private bool _isStopped;

    internal InProcessSiloHandle(IHost host)
    {
        SiloHost = host;
        var details = host.Services.GetRequiredService<ILocalSiloDetails>();
        Name = details.Name;
        SiloAddress = details.SiloAddress;
        GatewayAddress = details.GatewayAddress;
    }

    /// <inheritdoc/>
    public override bool IsActive => !_isStopped;

    /// <summary>The silo's services.</summary>
    public IServiceProvider ServiceProvider => SiloHost.Services;

    /// <summary>The silo's host.</summary>
    public IHost SiloHost { get; init; }

    /// <inheritdoc/>
    public override Task StopSiloAsync(bool stopGracefully)
        => StopSiloAsync(stopGracefully ? CancellationToken.None : new CancellationToken(canceled: true));

    /// <inheritdoc/>
    public override async Task StopSiloAsync(CancellationToken ct)
    {
        if (_isStopped)
        {
            return;
        }

        _isStopped = true;
        if (ct.IsCancellationRequested)
        {
            SiloServices.Abort(SiloHost.Services);
        }

        try
        {
            await SiloHost.StopAsync(ct).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The wish was to stop at once.
        }
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await StopSiloAsync(stopGracefully: false).ConfigureAwait(false);
        if (SiloHost is IAsyncDisposable host)
        {
            await host.DisposeAsync().ConfigureAwait(false);
        }

        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && !_isStopped)
        {
            _isStopped = true;
            SiloServices.Abort(SiloHost.Services);
        }
    }
}
