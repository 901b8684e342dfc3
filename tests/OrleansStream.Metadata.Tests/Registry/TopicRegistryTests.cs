using System.Collections.Immutable;
using OrleansStream.Core.Controller;
using OrleansStream.Metadata.Layout;
using OrleansStream.Metadata.Registry;

namespace OrleansStream.Metadata.Tests.Registry;

public sealed class TopicRegistryTests : IAsyncLifetime
{
    private static readonly Guid TopicId = new("00112233-4455-6677-8899-aabbccddeeff");

    private TemporaryDatabase _database = null!;
    private ClusterRegistry _cluster = null!;
    private TopicRegistry _registry = null!;
    private ControllerFence _fence = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await TemporaryDatabase.OpenAsync();
        _cluster = new ClusterRegistry(_database.Session, _database.Time);
        await _cluster.EnsureLayoutAsync(Cancellation);
        _registry = new TopicRegistry(_database.Session);
        _fence = (await _cluster.ElectControllerAsync(1, Cancellation)).Fence!;
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task CreateTopic_IsReadBackWithItsConfiguration()
    {
        var topic = Topic("orders", 2);

        (await _registry.CreateTopicAsync(topic, Config(("retention.ms", "1000")), Cancellation)).IsSuccess.ShouldBeTrue();

        (await _registry.ReadTopicAsync("orders", null, Cancellation)).ShouldBe(new VersionedTopic(topic, 0));
        var configs = new ConfigStore(_database.Session, _database.Time);
        (await configs.ReadAsync(new ConfigEntity(ConfigResourceType.Topic, "orders"), Cancellation)).ShouldHaveSingleItem().Value.ShouldBe("1000");
    }

    [Fact]
    public async Task CreateTopic_FailsAndLeavesTheConfiguration_WhenTheTopicExists()
    {
        await _registry.CreateTopicAsync(Topic("orders", 1), Config(("retention.ms", "1000")), Cancellation);

        var again = await _registry.CreateTopicAsync(Topic("orders", 3), Config(("retention.ms", "2000")), Cancellation);

        again.Error.ShouldBe(ErrorCode.TopicAlreadyExists);
        again.Message.ShouldBe("Topic 'orders' already exists.");
        (await _registry.ReadTopicAsync("orders", null, Cancellation))!.Assignment.Partitions.Length.ShouldBe(1);
        var configs = new ConfigStore(_database.Session, _database.Time);
        (await configs.ReadTopicsAsync(Cancellation))["orders"]["retention.ms"].ShouldBe("1000");
    }

    [Fact]
    public async Task CreateTopic_ReplacesALeftConfiguration()
    {
        await _database.Session.CreateAsync(ZNodes.TopicConfig("orders"), ZNodePayload.WriteConfig(Config(("segment.ms", "1"))), cancellationToken: Cancellation);

        (await _registry.CreateTopicAsync(Topic("orders", 1), Config(), Cancellation)).IsSuccess.ShouldBeTrue();

        var configs = new ConfigStore(_database.Session, _database.Time);
        (await configs.ReadTopicsAsync(Cancellation))["orders"].ShouldBeEmpty();
    }

    [Fact]
    public async Task ReadTopics_SeesAllAndIsToldOfChanges()
    {
        await _registry.CreateTopicAsync(Topic("b", 1), Config(), Cancellation);
        await _registry.CreateTopicAsync(Topic("a", 1), Config(), Cancellation);
        var events = new List<WatchEvent>();

        var topics = await _registry.ReadTopicsAsync(events.Add, events.Add, Cancellation);
        await _registry.SetAssignmentAsync(Topic("a", 2), 0, Cancellation);
        await _registry.CreateTopicAsync(Topic("c", 1), Config(), Cancellation);

        topics.Select(topic => topic.Assignment.Topic).ShouldBe(["a", "b"]);
        events.ShouldBe(
            [
                new WatchEvent(WatchEventType.NodeDataChanged, ZNodes.Topic("a")),
                new WatchEvent(WatchEventType.NodeChildrenChanged, ZNodes.Topics),
            ]);
    }

    [Fact]
    public async Task SetAssignment_IsRefused_WhenTheVersionIsOldOrThereIsNoTopic()
    {
        await _registry.CreateTopicAsync(Topic("a", 1), Config(), Cancellation);
        (await _registry.SetAssignmentAsync(Topic("a", 2), 0, Cancellation)).IsSuccess.ShouldBeTrue();

        (await _registry.SetAssignmentAsync(Topic("a", 3), 0, Cancellation)).Error.ShouldBe(ErrorCode.InvalidUpdateVersion);
        (await _registry.SetAssignmentAsync(Topic("b", 3), 0, Cancellation)).Error.ShouldBe(ErrorCode.UnknownTopicOrPartition);
    }

    [Fact]
    public async Task WriteStates_CreatesAndUpdates_AndReportsVersions()
    {
        await _registry.CreateTopicAsync(Topic("a", 3), Config(), Cancellation);
        var created = await _registry.WriteStatesAsync(_fence, [.. Enumerable.Range(0, 3).Select(p => New("a", p))], Cancellation);
        created.Value.ShouldAllBe(result => result.Written!.PartitionEpoch == 0);

        var next = New("a", 1).LeaderAndIsr.WithIsr([1], 1).Next(1, 1);
        var updated = await _registry.WriteStatesAsync(_fence, [new PartitionStateWrite(new("a", 1), next, 0)], Cancellation);

        var states = await _registry.ReadStatesAsync([new("a", 0), new("a", 1), new("a", 9)], Cancellation);
        states.Count.ShouldBe(2);
        states[new("a", 1)].ShouldBe(updated.Value[0].Written);
        states[new("a", 1)].LeaderAndIsr.ShouldBe(next);
        states[new("a", 1)].PartitionEpoch.ShouldBe(1);
        states[new("a", 1)].Zxid.ShouldBeGreaterThan(states[new("a", 0)].Zxid);
    }

    [Fact]
    public async Task WriteStates_LeavesOutWhatDoesNotFit_AndWritesTheRest()
    {
        await _registry.CreateTopicAsync(Topic("a", 4), Config(), Cancellation);
        await _registry.WriteStatesAsync(_fence, [New("a", 0), New("a", 1)], Cancellation);

        var results = (await _registry.WriteStatesAsync(
            _fence,
            [New("a", 2), New("a", 0), New("a", 1) with { ExpectedEpoch = 5 }, New("gone", 0), New("a", 3)],
            Cancellation)).Value;

        results.Select(result => result.Written is not null).ShouldBe([true, false, false, false, true]);
        (await _registry.ReadStatesAsync(Topic("a", 4).TopicPartitions, Cancellation)).Count.ShouldBe(4);
    }

    [Fact]
    public async Task WriteStates_TakesMoreThanOneTransaction_WhenThereAreMany()
    {
        await _registry.CreateTopicAsync(Topic("a", 1000), Config(), Cancellation);

        var results = (await _registry.WriteStatesAsync(_fence, [.. Enumerable.Range(0, 1000).Select(p => New("a", p))], Cancellation)).Value;

        results.Length.ShouldBe(1000);
        results.Select(r => r.Written!.Zxid).Distinct().Count().ShouldBe(5);
        (await _registry.ReadStatesAsync(Topic("a", 1000).TopicPartitions, Cancellation)).Count.ShouldBe(1000);
    }

    [Fact]
    public async Task ControllersWrites_AreFenced_OnceAnotherWasElected()
    {
        await _registry.CreateTopicAsync(Topic("a", 1), Config(), Cancellation);
        await _registry.MarkForDeletionAsync("a", Cancellation);
        await _cluster.ResignAsync(_fence, Cancellation);
        await _cluster.ElectControllerAsync(2, Cancellation);

        (await _registry.WriteStatesAsync(_fence, [New("a", 0)], Cancellation)).Error.ShouldBe(ErrorCode.StaleControllerEpoch);
        (await _registry.RemoveTopicAsync(_fence, "a", Cancellation)).Error.ShouldBe(ErrorCode.StaleControllerEpoch);
        (await _registry.RemoveMarksAsync(_fence, ["a"], Cancellation)).Error.ShouldBe(ErrorCode.StaleControllerEpoch);
        (await _registry.ReadTopicAsync("a", null, Cancellation)).ShouldNotBeNull();
        (await _registry.ReadMarksAsync(null, Cancellation)).ShouldBe(["a"]);
    }

    [Fact]
    public async Task MarkForDeletion_NeedsATopic_AndMayBeRepeated()
    {
        await _registry.CreateTopicAsync(Topic("a", 1), Config(), Cancellation);

        (await _registry.MarkForDeletionAsync("none", Cancellation)).Error.ShouldBe(ErrorCode.UnknownTopicOrPartition);
        (await _registry.MarkForDeletionAsync("a", Cancellation)).IsSuccess.ShouldBeTrue();
        (await _registry.MarkForDeletionAsync("a", Cancellation)).IsSuccess.ShouldBeTrue();
        (await _registry.ReadMarksAsync(null, Cancellation)).ShouldBe(["a"]);
        (await _registry.RemoveMarksAsync(_fence, ["a", "none"], Cancellation)).IsSuccess.ShouldBeTrue();
        (await _registry.ReadMarksAsync(null, Cancellation)).ShouldBeEmpty();
    }

    [Fact]
    public async Task RemoveTopic_LeavesNothing_AndMayBeRepeated()
    {
        await _registry.CreateTopicAsync(Topic("a", 700), Config(("retention.ms", "1")), Cancellation);
        await _registry.WriteStatesAsync(_fence, [.. Enumerable.Range(0, 700).Select(p => New("a", p))], Cancellation);
        await _registry.MarkForDeletionAsync("a", Cancellation);

        (await _registry.RemoveTopicAsync(_fence, "a", Cancellation)).IsSuccess.ShouldBeTrue();
        (await _registry.RemoveTopicAsync(_fence, "a", Cancellation)).IsSuccess.ShouldBeTrue();

        foreach (var path in new[] { ZNodes.Topic("a"), ZNodes.TopicConfig("a"), ZNodes.DeleteTopic("a") })
        {
            (await _database.Session.ExistsAsync(path, cancellationToken: Cancellation)).ShouldBeNull(path);
        }
    }

    [Theory]
    [InlineData(298)]
    [InlineData(299)]
    [InlineData(300)]
    public async Task RemoveTopic_TakesTheMarkWithTheTopic_HoweverManyPartitionsThereAre(int partitions)
    {
        var store = new LossyStore(_database.Session);
        var registry = new TopicRegistry(store);
        await registry.CreateTopicAsync(Topic("a", partitions), Config(), Cancellation);
        await registry.WriteStatesAsync(_fence, [.. Enumerable.Range(0, partitions).Select(p => New("a", p))], Cancellation);
        await registry.MarkForDeletionAsync("a", Cancellation);
        store.Multis.Clear();

        (await registry.RemoveTopicAsync(_fence, "a", Cancellation)).IsSuccess.ShouldBeTrue();

        // A topic that is made anew the moment the name is free must not find the mark, nor lose its configuration.
        var last = store.Multis.Single(multi => multi.Contains(ZNodes.Topic("a")));
        last.ShouldContain(ZNodes.DeleteTopic("a"));
        last.ShouldContain(ZNodes.TopicConfig("a"));
    }

    [Fact]
    public async Task CreateTopic_Succeeds_WhenItsAnswerIsLostAndItTookEffect()
    {
        var store = new LossyStore(_database.Session) { LosesAnswer = true };

        (await new TopicRegistry(store).CreateTopicAsync(Topic("a", 1), Config(), Cancellation)).IsSuccess.ShouldBeTrue();

        (await _registry.CreateTopicAsync(Topic("a", 1) with { TopicId = Guid.NewGuid() }, Config(), Cancellation)).Error.ShouldBe(ErrorCode.TopicAlreadyExists);
    }

    [Fact]
    public async Task CreateTopic_SaysThatItExists_WhenAnAnswerIsLostAndAnotherHasMadeIt()
    {
        await _registry.CreateTopicAsync(Topic("a", 1), Config(), Cancellation);
        var store = new LossyStore(_database.Session) { LosesAnswer = true };

        (await new TopicRegistry(store).CreateTopicAsync(Topic("a", 1) with { TopicId = Guid.NewGuid() }, Config(), Cancellation)).Error.ShouldBe(ErrorCode.TopicAlreadyExists);
    }

    [Fact]
    public async Task WriteStates_LeavesOutATopic_WhenItsAssignmentIsAnotherByNow()
    {
        await _registry.CreateTopicAsync(Topic("a", 1), Config(), Cancellation);
        await _registry.CreateTopicAsync(Topic("b", 1), Config(), Cancellation);
        await _registry.SetAssignmentAsync(Topic("a", 2), 0, Cancellation);

        var results = (await _registry.WriteStatesAsync(_fence, [New("a", 0), New("b", 0)], Cancellation)).Value;

        results.Select(result => result.Written is not null).ShouldBe([false, true]);
        var current = (await _registry.ReadTopicAsync("a", null, Cancellation))!.Assignment;
        current.Version.ShouldBe(1);
        (await _registry.WriteStatesAsync(_fence, [New("a", 0) with { TopicVersion = current.Version }], Cancellation)).Value[0].Written.ShouldNotBeNull();
    }

    [Fact]
    public async Task TryUpdateIsr_Succeeds_OnlyWhenTheControllerWasNotFaster()
    {
        await _registry.CreateTopicAsync(Topic("a", 1), Config(), Cancellation);
        await _registry.WriteStatesAsync(_fence, [New("a", 0)], Cancellation);
        var shrunk = New("a", 0).LeaderAndIsr with { Isr = [1] };

        var updated = await _registry.TryUpdateIsrAsync(new("a", 0), shrunk, 0, Cancellation);

        updated!.PartitionEpoch.ShouldBe(1);
        (await _registry.TryUpdateIsrAsync(new("a", 0), shrunk, 0, Cancellation)).ShouldBeNull();
    }

    [Fact]
    public async Task IsrChanges_AreTakenOnce()
    {
        await _registry.NotifyIsrChangeAsync([new("a", 1), new("a", 0)], Cancellation);
        await _registry.NotifyIsrChangeAsync([new("a", 1), new("b", 0)], Cancellation);

        (await _registry.TakeIsrChangesAsync(_fence, null, Cancellation)).Value.ShouldBe([new("a", 0), new("a", 1), new("b", 0)]);
        (await _registry.TakeIsrChangesAsync(_fence, null, Cancellation)).Value.ShouldBeEmpty();
    }

    private static TopicAssignment Topic(string name, int partitions)
        => new(name, TopicId, [.. Enumerable.Repeat(new ReplicaAssignment(1, 2), partitions)]);

    private static PartitionStateWrite New(string topic, int partition) => new(new(topic, partition), new LeaderAndIsr(1, 0, [1, 2], 1), null);

    private static ImmutableDictionary<string, string> Config(params (string Key, string Value)[] values)
        => values.ToImmutableDictionary(value => value.Key, value => value.Value);

    /// <summary>Notes the transactions, and loses answers.</summary>
    private sealed class LossyStore(IMetadataStore inner) : IMetadataStore
    {
        public List<string[]> Multis { get; } = [];

        /// <summary>The next transaction takes effect, and its answer is lost.</summary>
        public bool LosesAnswer { get; set; }

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

        public Task<MetadataResult<NodeChildren>> GetChildrenAsync(string path, Action<WatchEvent>? watch, CancellationToken cancellationToken)
            => inner.GetChildrenAsync(path, watch, cancellationToken);

        public async Task<MultiResult> MultiAsync(IReadOnlyList<MultiOperation> operations, CancellationToken cancellationToken)
        {
            Multis.Add([.. operations.Select(operation => operation.Path)]);
            var result = await inner.MultiAsync(operations, cancellationToken);
            if (LosesAnswer)
            {
                LosesAnswer = false;
                throw new MetadataUnavailableException("The answer was lost.", isOutcomeUnknown: true);
            }

            return result;
        }

        public Task SyncAsync(CancellationToken cancellationToken) => inner.SyncAsync(cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
