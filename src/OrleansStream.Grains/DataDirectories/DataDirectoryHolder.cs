using Microsoft.Extensions.Options;
using OrleansStream.Grains.Hosting;

namespace OrleansStream.Grains.DataDirectories;

/// <summary>The broker's data directory, taken hold of when the broker starts and let go when its services are disposed of.</summary>
internal sealed class DataDirectoryHolder(IOptions<BrokerOptions> options) : IDisposable
{
    private DataDirectory? _directory;

    /// <summary>The directory.</summary>
    /// <exception cref="InvalidOperationException">The broker has not started.</exception>
    public DataDirectory Directory => _directory ?? throw new InvalidOperationException("The data directory is not open yet.");

    /// <summary>Takes hold of it.</summary>
    /// <exception cref="BrokerStartException">It cannot be used.</exception>
    public void Open()
        => _directory ??= DataDirectory.Open(options.Value.DataDirectory, options.Value.BrokerId, options.Value.ClusterId, Guid.NewGuid);

    public void Dispose() => _directory?.Dispose();
}
