namespace OrleansStream.Storage.Tests.Simulation;

/// <summary>A fixture over a simulated disk, and the ways to lose power or damage bytes.</summary>
internal sealed class SimulatedDisk : IAsyncDisposable
{
    private readonly List<LogEnvironment> _environments = [];
    private readonly LogFixture _fixture;

    public SimulatedDisk(SimulatedFileSystem? files = null, LogEnvironmentOptions? options = null)
    {
        Files = files ?? new SimulatedFileSystem();
        _fixture = new LogFixture(Files, options);
    }

    public SimulatedFileSystem Files { get; private set; }

    public TestTime Time => _fixture.Time;

    public LogEnvironment Environment { get; private set; } = null!;

    /// <summary>The same on every disk, so that a disk's content can be taken over to another.</summary>
    public static string Directory { get; } = PartitionDirectories.PathOf("/simulated", LogFixture.TopicPartition);

    public static string Segment(int segment) => Path.Combine(Directory, $"00000000-{segment:D10}.log");

    public static string Checkpoint { get; } = Path.Combine(Directory, "checkpoint");

    public Task<PartitionLog> OpenAsync(LogConfig? config = null)
    {
        Environment = _fixture.NewEnvironment(Files);
        _environments.Add(Environment);
        return PartitionLog.OpenAsync(
            new PartitionLogOptions(Directory, LogFixture.TopicPartition, Guid.Empty, config ?? LogFixture.SmallSegments, Environment),
            TestContext.Current.CancellationToken);
    }

    /// <summary>Goes on with another disk, as after a crash of the machine; logs on the old one are left alone.</summary>
    public void Switch(SimulatedFileSystem files) => Files = files;

    public async ValueTask DisposeAsync()
    {
        foreach (var environment in _environments)
        {
            await environment.DisposeAsync();
        }

        await _fixture.DisposeAsync();
    }
}
