using System.Collections.Immutable;
using OrleansStream.Core;
using OrleansStream.Core.Controller;
using OrleansStream.Metadata.Layout;
using OrleansStream.Metadata.Registry;

namespace OrleansStream.Metadata.Tests.Registry;

public sealed class ConfigStoreTests : IAsyncLifetime
{
    private static readonly ConfigEntity Topic = new(ConfigResourceType.Topic, "orders");
    private static readonly ConfigEntity AllBrokers = new(ConfigResourceType.Broker, string.Empty);

    private TemporaryDatabase _database = null!;
    private ConfigStore _configs = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await TemporaryDatabase.OpenAsync();
        await new ClusterRegistry(_database.Session, _database.Time).EnsureLayoutAsync(Cancellation);
        await new TopicRegistry(_database.Session).CreateTopicAsync(
            new TopicAssignment("orders", Guid.Empty, [new ReplicaAssignment(1)]), ImmutableDictionary<string, string>.Empty, Cancellation);
        _configs = new ConfigStore(_database.Session, _database.Time);
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Fact]
    public async Task Alter_StoresAndNotifies_ForTopicsAndBrokers()
    {
        var events = new List<WatchEvent>();
        (await _configs.ReadNotificationsAsync(-1, events.Add, Cancellation)).ShouldBeEmpty();

        (await SetAsync(Topic, "retention.ms", "1")).IsSuccess.ShouldBeTrue();
        (await SetAsync(AllBrokers, "log.retention.ms", "2")).IsSuccess.ShouldBeTrue();
        (await SetAsync(new ConfigEntity(ConfigResourceType.Broker, "7"), "log.retention.ms", "3")).IsSuccess.ShouldBeTrue();

        events.ShouldHaveSingleItem().Path.ShouldBe(ZNodes.ConfigChanges);
        (await _configs.ReadAsync(Topic, Cancellation))["retention.ms"].ShouldBe("1");
        (await _configs.ReadAsync(AllBrokers, Cancellation))["log.retention.ms"].ShouldBe("2");
        (await _database.Session.ExistsAsync("/config/brokers/<default>", cancellationToken: Cancellation)).ShouldNotBeNull();
        (await _database.Session.ExistsAsync("/config/brokers/7", cancellationToken: Cancellation)).ShouldNotBeNull();
        var all = await _configs.ReadNotificationsAsync(-1, null, Cancellation);
        all.Select(n => n.EntityPath).ShouldBe(["topics/orders", "brokers/<default>", "brokers/7"]);
        (await _configs.ReadNotificationsAsync(all[1].Sequence, null, Cancellation)).ShouldBe([all[2]]);
    }

    [Fact]
    public async Task Alter_DecidesAgain_WhenSomebodyElseWasFaster()
    {
        var attempts = Enumerable.Range(0, 10).Select(i => SetAsync(Topic, $"key-{i}", "x"));

        (await Task.WhenAll(attempts)).ShouldAllBe(outcome => outcome.IsSuccess);

        (await _configs.ReadAsync(Topic, Cancellation)).Count.ShouldBe(10);
    }

    [Fact]
    public async Task Alter_ChangesNothing_WhenTheDecisionFailsOrThereIsNoTopic()
    {
        var refused = await _configs.AlterAsync(Topic, _ => Outcome.Failure(ErrorCode.InvalidConfig, "no"), Cancellation);
        var unknown = await SetAsync(Topic with { Name = "none" }, "retention.ms", "1");

        refused.Error.ShouldBe(ErrorCode.InvalidConfig);
        unknown.Error.ShouldBe(ErrorCode.UnknownTopicOrPartition);
        (await _configs.ReadNotificationsAsync(-1, null, Cancellation)).ShouldBeEmpty();
        (await _database.Session.ExistsAsync("/config/topics/none", cancellationToken: Cancellation)).ShouldBeNull();
    }

    [Fact]
    public async Task ReadNotifications_RemovesOldOnes_OnceTheyWereReadAfterTheirTime()
    {
        await SetAsync(Topic, "retention.ms", "1");
        _database.Time.Advance(ConfigStore.NotificationLifetime + TimeSpan.FromMilliseconds(1));
        await SetAsync(Topic, "retention.ms", "2");

        (await _configs.ReadNotificationsAsync(-1, null, Cancellation)).Length.ShouldBe(2);
        (await _configs.ReadNotificationsAsync(-1, null, Cancellation)).Length.ShouldBe(1);
    }

    [Theory]
    [InlineData("topics/orders", true, ConfigResourceType.Topic, "orders")]
    [InlineData("brokers/<default>", true, ConfigResourceType.Broker, "")]
    [InlineData("brokers/3", true, ConfigResourceType.Broker, "3")]
    [InlineData("users/alice", false, default(ConfigResourceType), null)]
    [InlineData("topics", false, default(ConfigResourceType), null)]
    public void ConfigEntity_IsRead_WhenItsTypeIsKnown(string entityPath, bool expected, ConfigResourceType type, string? name)
    {
        ConfigEntity.TryParse(entityPath, out var entity).ShouldBe(expected);
        entity.Type.ShouldBe(type);
        entity.Name.ShouldBe(name);
        if (expected)
        {
            entity.EntityPath.ShouldBe(entityPath);
        }
    }

    private Task<Outcome<ImmutableDictionary<string, string>>> SetAsync(ConfigEntity entity, string key, string value)
        => _configs.AlterAsync(entity, current => Outcome.Of(current.SetItem(key, value)), Cancellation);
}
