using System.Collections.Immutable;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using OrleansStream.Core;
using OrleansStream.Core.Controller;
using OrleansStream.Grains.Brokers;
using OrleansStream.Grains.Cluster;
using OrleansStream.Grains.Controllers;
using OrleansStream.Grains.Hosting;
using OrleansStream.Grains.Liveness;
using OrleansStream.Grains.Partitions;
using OrleansStream.Metadata;
using OrleansStream.Metadata.Layout;
using OrleansStream.Metadata.Local;

namespace OrleansStream.Grains.Tests.Controllers;

/// <summary>A controller without brokers, and what happens in the store while it reads.</summary>
public sealed class ControllerLeadershipTests : IAsyncLifetime
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("ostream-controller-");
    private readonly BrokerState _broker = new(1);
    private readonly CancellationTokenSource _over = new();
    private LocalMetadataDatabase _database = null!;
    private InterposedStore _store = null!;
    private MetadataSession _session = null!;
    private ControllerLeadership _leadership = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await LocalMetadataDatabase.OpenAsync(
            new LocalMetadataOptions { Directory = _directory.FullName }, TimeProvider.System, cancellationToken: Cancellation);
        _store = new InterposedStore(await _database.OpenSessionAsync(Cancellation));
        _session = new MetadataSession(_store, TimeProvider.System);
        await _session.Cluster.EnsureLayoutAsync(Cancellation);
        var configs = new ConfigService(Options.Create(new BrokerOptions()), new HostedPartitions(), new ListenerFeed(TimeProvider.System), TimeProvider.System, NullLogger<ConfigService>.Instance);
        await configs.LoadAsync(_session, Cancellation);
        var fence = (await _session.Cluster.ElectControllerAsync(1, Cancellation)).Fence!;
        _leadership = new ControllerLeadership(
            _session, fence, _broker, configs, null!, new BrokerProbe(null!, configs, TimeProvider.System), "cluster", () => 0, TimeProvider.System, NullLogger.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _leadership.DisposeAsync();
        await _database.DisposeAsync();
        _over.Dispose();
        _broker.Dispose();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task RunAsync_DeletesATopic_ThatIsMadeAndMarkedWhileItReadsEverything()
    {
        _store.BeforeMarks = () => CreateAndMarkAsync("orders");

        var running = _leadership.RunAsync(_over.Token);

        await SettledAsync("orders");
        running.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task RunAsync_DeletesATopic_ThatIsMadeAndMarkedWhileItReadsTheMarksOfOthers()
    {
        var running = _leadership.RunAsync(_over.Token);
        await _leadership.AskAsync(_ => Outcome.Of(ControllerStep.Nothing), _ => true, Cancellation);
        _store.BeforeMarks = () => CreateAndMarkAsync("payments");

        await CreateAndMarkAsync("orders");

        await SettledAsync("orders");
        await SettledAsync("payments");
        running.IsCompleted.ShouldBeFalse();
    }

    private async Task CreateAndMarkAsync(string topic)
    {
        await _session.Topics.CreateTopicAsync(
            new TopicAssignment(topic, Guid.NewGuid(), [new ReplicaAssignment(7)]), ImmutableDictionary<string, string>.Empty, Cancellation);
        await _session.Topics.MarkForDeletionAsync(topic, Cancellation);
    }

    /// <summary>The topic is being deleted: broker 7, which is not there, has to drop its replica first. A mark that was refused would be gone.</summary>
    private async Task SettledAsync(string topic)
    {
        var isBeingDeleted = false;
        while (!isBeingDeleted)
        {
            isBeingDeleted = (await _leadership.AskAsync(_ => Outcome.Of(ControllerStep.Nothing), machine => machine.IsBeingDeleted(topic), Cancellation)).Value;
            (await _session.Topics.ReadMarksAsync(null, Cancellation)).ShouldContain(topic, "the mark stays until the topic is gone");
        }
    }

    /// <summary>A store in which something happens at a certain moment.</summary>
    private sealed class InterposedStore(IMetadataStore inner) : IMetadataStore
    {
        /// <summary>What happens before the marks for deletion are read the next time.</summary>
        public Func<Task>? BeforeMarks { get; set; }

        public long SessionId => inner.SessionId;

        public CancellationToken SessionEnded => inner.SessionEnded;

        public Task<MetadataResult<CreatedNode>> CreateAsync(string path, ReadOnlyMemory<byte> data, CreateMode mode, CancellationToken cancellationToken)
            => inner.CreateAsync(path, data, mode, cancellationToken);

        public Task<MetadataError> DeleteAsync(string path, int version, CancellationToken cancellationToken) => inner.DeleteAsync(path, version, cancellationToken);

        public Task<MetadataResult<NodeStat>> SetDataAsync(string path, ReadOnlyMemory<byte> data, int version, CancellationToken cancellationToken)
            => inner.SetDataAsync(path, data, version, cancellationToken);

        public Task<MetadataResult<NodeData>> GetDataAsync(string path, Action<WatchEvent>? watch, CancellationToken cancellationToken)
            => inner.GetDataAsync(path, watch, cancellationToken);

        public Task<NodeStat?> ExistsAsync(string path, Action<WatchEvent>? watch, CancellationToken cancellationToken)
            => inner.ExistsAsync(path, watch, cancellationToken);

        public async Task<MetadataResult<NodeChildren>> GetChildrenAsync(string path, Action<WatchEvent>? watch, CancellationToken cancellationToken)
        {
            if (path == ZNodes.DeleteTopics && BeforeMarks is { } happen)
            {
                BeforeMarks = null;
                await happen();
            }

            return await inner.GetChildrenAsync(path, watch, cancellationToken);
        }

        public Task<MultiResult> MultiAsync(IReadOnlyList<MultiOperation> operations, CancellationToken cancellationToken)
            => inner.MultiAsync(operations, cancellationToken);

        public Task SyncAsync(CancellationToken cancellationToken) => inner.SyncAsync(cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
