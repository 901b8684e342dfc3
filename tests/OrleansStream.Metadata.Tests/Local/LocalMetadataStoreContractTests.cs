using OrleansStream.Metadata.Local;
using OrleansStream.Metadata.Tests.Contract;

namespace OrleansStream.Metadata.Tests.Local;

public sealed class LocalMetadataStoreContractTests : MetadataStoreContract
{
    private readonly string _directory = Directory.CreateTempSubdirectory("ostream-metadata-").FullName;
    private LocalMetadataDatabase? _database;

    protected override async Task<IMetadataStore> OpenSessionAsync()
    {
        _database ??= await LocalMetadataDatabase.OpenAsync(
            new LocalMetadataOptions { Directory = _directory }, TimeProvider.System, cancellationToken: Cancellation);
        return await _database.OpenSessionAsync(Cancellation);
    }

    protected override Task ExpireAsync(IMetadataStore session) => _database!.ExpireSessionAsync(session.SessionId, Cancellation);

    protected override async ValueTask CloseTreeAsync()
    {
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }

        Directory.Delete(_directory, recursive: true);
    }
}
