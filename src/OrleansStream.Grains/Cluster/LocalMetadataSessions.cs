using Microsoft.Extensions.Logging;
using OrleansStream.Grains.DataDirectories;
using OrleansStream.Grains.Hosting;
using OrleansStream.Metadata;
using OrleansStream.Metadata.Local;

namespace OrleansStream.Grains.Cluster;

/// <summary>Sessions with the Local store in the data directory: one broker, which is always the controller.</summary>
internal sealed class LocalMetadataSessions(DataDirectoryHolder directory, TimeProvider time, ILogger<LocalMetadataDatabase> logger)
    : IMetadataSessions, IAsyncDisposable
{
    private LocalMetadataDatabase? _database;

    public async Task<MetadataSession> OpenAsync(CancellationToken cancellationToken)
    {
        var path = directory.Directory.MetadataPath;
        try
        {
            _database ??= await LocalMetadataDatabase.OpenAsync(new LocalMetadataOptions { Directory = path }, time, logger, cancellationToken);
            return new MetadataSession(await _database.OpenSessionAsync(cancellationToken), time);
        }
        catch (Exception exception) when (exception is MetadataStoreException or IOException or UnauthorizedAccessException)
        {
            throw new BrokerStartException($"The metadata in {path} cannot be used: {exception.Message}", exception);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
    }
}
