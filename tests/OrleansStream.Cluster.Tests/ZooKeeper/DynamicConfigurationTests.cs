using OrleansStream.Abstractions;
using OrleansStream.Cluster.Tests.Brokers;
using OrleansStream.Metadata.Layout;
using OrleansStream.ZooKeeper;
using OrleansStream.ZooKeeper.Tests.Servers;

namespace OrleansStream.Cluster.Tests.ZooKeeper;

/// <summary>Quotas and broker configurations on three brokers: each takes a change over, whoever was told and wherever it was meanwhile.</summary>
public sealed class DynamicConfigurationTests(StandaloneServer server)
{
    private static readonly ConfigResource AllBrokers = new(ConfigResourceType.Broker, string.Empty);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Change_ReachesEveryBroker_WhicheverIsTold()
    {
        await using var ensemble = await BrokerEnsemble.StartAsync(server, 3);

        await SetQuotaAsync(ensemble, 2, 1024);
        foreach (var id in ensemble.BrokerIds)
        {
            await SeesAsync(ensemble, id, settings => QuotaTests.Text(settings.Quotas) is ["client-id=slow: producer_byte_rate=1024"]);
        }

        await ConfigureAsync(ensemble, 3, "max.connections", "77");
        foreach (var id in ensemble.BrokerIds)
        {
            await SeesAsync(ensemble, id, settings => settings.MaxConnections == 77);
        }
    }

    [Fact]
    public async Task Change_IsTakenOver_ByABrokerThatWasDownOrCutOffFromZooKeeper()
    {
        await using var ensemble = await BrokerEnsemble.StartAsync(server, 3);
        await SetQuotaAsync(ensemble, 1, 1);
        await SeesAsync(ensemble, 2, settings => settings.Quotas.Length == 1);
        await ensemble.StopAsync(3);
        ensemble.Proxy(2).Cut();

        await SetQuotaAsync(ensemble, 1, 2048);
        await ConfigureAsync(ensemble, 1, "max.connections", "78");

        ensemble.Proxy(2).Restore();
        await ensemble.StartBrokerAsync(3);
        foreach (var id in ensemble.BrokerIds)
        {
            await SeesAsync(ensemble, id, settings => settings.MaxConnections == 78 && QuotaTests.Text(settings.Quotas) is ["client-id=slow: producer_byte_rate=2048"]);
        }
    }

    [Fact]
    public async Task Change_ByAnotherHand_IsTakenOver_AndWhatCannotBeReadIsPassedOver()
    {
        await using var ensemble = await BrokerEnsemble.StartAsync(server, 2);
        await using var client = await ZooKeeperClient.ConnectAsync(
            new ZooKeeperOptions { ConnectString = ConnectString.Parse(ensemble.ConnectString) }, Cancellation);

        await WriteAsync("/config/clients/broken", "{", "clients/broken");
        await WriteAsync("/config/brokers/<default>", "{", "brokers/<default>");
        await WriteAsync("/config/users/ANONYMOUS", """{"version":1,"config":{"SCRAM-SHA-256":"salt=x","consumer_byte_rate":"512"}}""", "users/ANONYMOUS");

        foreach (var id in ensemble.BrokerIds)
        {
            await SeesAsync(ensemble, id, settings => QuotaTests.Text(settings.Quotas) is ["user=ANONYMOUS: consumer_byte_rate=512"]);
        }

        async Task WriteAsync(string path, string data, string entityPath)
        {
            (await client.CreateAsync(path, System.Text.Encoding.UTF8.GetBytes(data), cancellationToken: Cancellation)).Error.ShouldBe(ZooKeeperError.Ok);
            (await client.CreateAsync(
                $"{ZNodes.ConfigChanges}/{ZNodes.ConfigChangePrefix}", ZNodePayload.WriteConfigChange(entityPath), ZNodeMode.PersistentSequential, cancellationToken: Cancellation))
                .Error.ShouldBe(ZooKeeperError.Ok);
        }
    }

    private static Task SeesAsync(BrokerEnsemble ensemble, int id, Func<ListenerSettings, bool> condition)
        => QuotaTests.SeesAsync(ensemble.BrokerGrain(id, id), condition);

    private static async Task SetQuotaAsync(BrokerEnsemble ensemble, int id, double value)
        => (await ensemble.Cluster(id).AlterClientQuotasAsync(
            [new QuotaAlteration([new QuotaEntityPart("client-id", "slow")], [new QuotaValueChange("producer_byte_rate", value)])], false, Cancellation))
            .Single().Error.ShouldBe(ErrorCode.None);

    private static async Task ConfigureAsync(BrokerEnsemble ensemble, int id, string key, string value)
        => (await ensemble.Cluster(id).AlterConfigsAsync(
            [new ConfigAlteration(AllBrokers, [new ConfigChange(key, ConfigOperation.Set, value)])], false, Cancellation))
            .Single().Error.ShouldBe(ErrorCode.None);
}
