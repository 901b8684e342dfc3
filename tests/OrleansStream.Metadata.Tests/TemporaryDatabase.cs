using OrleansStream.Metadata.Local;

namespace OrleansStream.Metadata.Tests;

/// <summary>A store in a directory of its own, gone after the test.</summary>
internal sealed class TemporaryDatabase : IAsyncDisposable
{
    private readonly string _directory;

    private TemporaryDatabase(string directory, LocalMetadataDatabase database, LocalMetadataStore session, ManualTime time)
    {
        _directory = directory;
        Database = database;
        Session = session;
        Time = time;
    }

    public LocalMetadataDatabase Database { get; }

    public LocalMetadataStore Session { get; }

    public ManualTime Time { get; }

    public static async Task<TemporaryDatabase> OpenAsync()
    {
        var directory = Directory.CreateTempSubdirectory("ostream-metadata-").FullName;
        var time = new ManualTime();
        var database = await LocalMetadataDatabase.OpenAsync(
            new LocalMetadataOptions { Directory = directory }, time, cancellationToken: TestContext.Current.CancellationToken);
        return new TemporaryDatabase(directory, database, await database.OpenSessionAsync(TestContext.Current.CancellationToken), time);
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }
}
