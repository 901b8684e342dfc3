using OrleansStream.Abstractions;
using OrleansStream.Cluster.Tests.Clusters;

namespace OrleansStream.Cluster.Tests.Brokers;

public sealed class QuotaTests
{
    private static readonly QuotaEntityPart[] App = [new QuotaEntityPart("client-id", "app")];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Quotas_AreDescribedAndToldToListeners_AlsoAfterARestart()
    {
        await using var cluster = await BrokerCluster.StartAsync();
        var before = await cluster.Broker.GetListenerSettingsAsync(-1, Cancellation);
        before.Quotas.ShouldBeEmpty();
        var told = SeesAsync(cluster.Broker, settings => settings.Version != before.Version);

        (await AlterAsync(cluster, App, ("producer_byte_rate", 1024), ("request_percentage", 12.5))).Error.ShouldBe(ErrorCode.None);

        Text((await told).Quotas).ShouldBe(["client-id=app: producer_byte_rate=1024 request_percentage=12.5"]);
        await cluster.RestartAsync();
        Text((await cluster.Broker.GetListenerSettingsAsync(-1, Cancellation)).Quotas).ShouldBe(["client-id=app: producer_byte_rate=1024 request_percentage=12.5"]);
        Text(await DescribeAsync(cluster)).ShouldBe(["client-id=app: producer_byte_rate=1024 request_percentage=12.5"]);

        await AlterAsync(cluster, [new("user", null), new("client-id", "app")], ("consumer_byte_rate", 5));
        await AlterAsync(cluster, App, ("producer_byte_rate", null), ("request_percentage", null));
        Text(await DescribeAsync(cluster)).ShouldBe(["user=<default> client-id=app: consumer_byte_rate=5"]);
        Text(await DescribeAsync(cluster, new QuotaFilterPart("client-id", QuotaMatch.Exact, "other"))).ShouldBeEmpty();
    }

    [Fact]
    public async Task AlterClientQuotas_ChangesNothing_WhenItIsRefusedOrOnlyValidated()
    {
        await using var cluster = await BrokerCluster.StartAsync();

        (await AlterAsync(cluster, App, ("producer_byte_rate", 1024), ("no_such_rate", 1))).Error.ShouldBe(ErrorCode.InvalidRequest);
        (await AlterAsync(cluster, [new QuotaEntityPart("ip", new string('a', 300))], ("connection_creation_rate", 1))).Error.ShouldBe(ErrorCode.InvalidRequest);
        var validated = await cluster.Cluster.AlterClientQuotasAsync([new QuotaAlteration(App, [new QuotaValueChange("producer_byte_rate", 1)])], validateOnly: true, Cancellation);
        validated.Single().Error.ShouldBe(ErrorCode.None);
        var twice = await cluster.Cluster.AlterClientQuotasAsync(
            [new QuotaAlteration(App, [new QuotaValueChange("producer_byte_rate", 0)]), new QuotaAlteration(App, [new QuotaValueChange("producer_byte_rate", 1)])], false, Cancellation);
        twice.Select(result => result.Error).ShouldBe([ErrorCode.InvalidRequest, ErrorCode.InvalidRequest]);

        (await DescribeAsync(cluster)).ShouldBeEmpty();
        (await cluster.Cluster.DescribeClientQuotasAsync([new QuotaFilterPart("group", QuotaMatch.Any, null)], false, Cancellation)).Error.ShouldBe(ErrorCode.UnsupportedVersion);
    }

    [Fact]
    public async Task BrokerConfigs_AreTakenOver_WhileTheBrokerRuns_AndRefusedWhereTheyCannotBe()
    {
        await using var cluster = await BrokerCluster.StartAsync();
        var (all, own) = (new ConfigResource(ConfigResourceType.Broker, ""), new ConfigResource(ConfigResourceType.Broker, $"{BrokerCluster.BrokerId}"));
        (await cluster.Broker.GetListenerSettingsAsync(-1, Cancellation)).MaxConnections.ShouldBe(int.MaxValue);

        (await ConfigureAsync(cluster, all, "max.connections", "100")).Error.ShouldBe(ErrorCode.None);
        await SeesAsync(cluster.Broker, settings => settings.MaxConnections == 100);
        (await ConfigureAsync(cluster, own, "max.connections", "50")).Error.ShouldBe(ErrorCode.None);
        await SeesAsync(cluster.Broker, settings => settings.MaxConnections == 50);
        var entry = (await cluster.Cluster.DescribeConfigsAsync([own], Cancellation)).Single().Entries.Single(entry => entry.Name == "max.connections");
        (entry.Value, entry.Source, entry.IsReadOnly).ShouldBe(("50", ConfigSource.DynamicBrokerConfig, false));

        foreach (var (resource, key, value, error) in new[]
        {
            (all, "num.partitions", "3", ErrorCode.InvalidConfig),
            (own, "no.such.key", "3", ErrorCode.InvalidConfig),
            (own, "max.connections", "many", ErrorCode.InvalidConfig),
            (new ConfigResource(ConfigResourceType.Broker, "99"), "max.connections", "1", ErrorCode.InvalidRequest),
            (new ConfigResource(ConfigResourceType.Topic, ""), "retention.ms", "1", ErrorCode.InvalidTopicException),
            (new ConfigResource(ConfigResourceType.Topic, "t/partitions"), "retention.ms", "1", ErrorCode.InvalidTopicException),
            (new ConfigResource(ConfigResourceType.Topic, "missing"), "retention.ms", "1", ErrorCode.UnknownTopicOrPartition),
        })
        {
            var refused = await ConfigureAsync(cluster, resource, key, value);
            refused.Error.ShouldBe(error);
            refused.ErrorMessage.ShouldNotBeNull().ShouldContain(error == ErrorCode.InvalidConfig ? key : resource.Name);
        }

        var twice = await cluster.Cluster.AlterConfigsAsync([Alteration(own, "max.connections", "1"), Alteration(own, "max.connections", "2")], false, Cancellation);
        twice.Select(result => result.Error).ShouldBe([ErrorCode.InvalidRequest, ErrorCode.InvalidRequest]);
    }

    /// <summary>Waits, change by change, until a broker's listeners are told of something.</summary>
    internal static async Task<ListenerSettings> SeesAsync(IBrokerGrain broker, Func<ListenerSettings, bool> condition)
    {
        var settings = await broker.GetListenerSettingsAsync(-1, Cancellation);
        while (!condition(settings))
        {
            settings = await broker.GetListenerSettingsAsync(settings.Version, Cancellation);
        }

        return settings;
    }

    internal static string[] Text(IEnumerable<ClientQuota> quotas)
        => [.. quotas.Select(quota =>
            string.Join(' ', quota.Entity.Select(part => $"{part.Type}={part.Name ?? "<default>"}")) + ": "
            + string.Join(' ', quota.Values.Select(value => FormattableString.Invariant($"{value.Key}={value.Value}"))))];

    private static ConfigAlteration Alteration(ConfigResource resource, string key, string value) => new(resource, [new ConfigChange(key, ConfigOperation.Set, value)]);

    private static async Task<TopicResult> ConfigureAsync(BrokerCluster cluster, ConfigResource resource, string key, string value)
        => (await cluster.Cluster.AlterConfigsAsync([Alteration(resource, key, value)], false, Cancellation)).Single();

    private static async Task<QuotaAlterationResult> AlterAsync(BrokerCluster cluster, QuotaEntityPart[] entity, params (string Key, double? Value)[] changes)
        => (await cluster.Cluster.AlterClientQuotasAsync(
            [new QuotaAlteration(entity, [.. changes.Select(change => new QuotaValueChange(change.Key, change.Value))])], false, Cancellation)).Single();

    private static async Task<ClientQuota[]> DescribeAsync(BrokerCluster cluster, params QuotaFilterPart[] filter)
        => (await cluster.Cluster.DescribeClientQuotasAsync(filter, false, Cancellation)).Quotas;
}
