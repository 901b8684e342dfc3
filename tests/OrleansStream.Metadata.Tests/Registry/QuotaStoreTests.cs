using System.Text;
using OrleansStream.Core;
using OrleansStream.Core.Quotas;
using OrleansStream.Metadata.Layout;
using OrleansStream.Metadata.Registry;

namespace OrleansStream.Metadata.Tests.Registry;

public sealed class QuotaStoreTests : IAsyncLifetime
{
    private static readonly QuotaEntity User = new(new QuotaName("CN=a b,O=ü*"), null, null);
    private static readonly QuotaEntity UserAndClient = new(new QuotaName("CN=a b,O=ü*"), new QuotaName("my app"), null);
    private static readonly QuotaEntity DefaultUserAndClient = new(QuotaName.Default, new QuotaName("<default>"), null);
    private static readonly QuotaEntity Client = new(null, new QuotaName("slow"), null);
    private static readonly QuotaEntity Address = new(null, null, QuotaName.Default);

    private TemporaryDatabase _database = null!;
    private QuotaStore _quotas = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _database = await TemporaryDatabase.OpenAsync();
        await new ClusterRegistry(_database.Session, _database.Time).EnsureLayoutAsync(Cancellation);
        _quotas = new QuotaStore(_database.Session);
    }

    public ValueTask DisposeAsync() => _database.DisposeAsync();

    [Theory]
    [InlineData("clients/slow", null, "slow")]
    [InlineData("clients/<default>", null, "")]
    [InlineData("clients/%3Cdefault%3E", null, "<default>")]
    [InlineData("users/CN%3Da%20b%2CO%3D%C3%BC%2A", "CN=a b,O=ü*", null)]
    [InlineData("users/<default>/clients/a%2Fb%7Ec", "", "a/b~c")]
    public void Path_IsKafkas_AndReadBack(string path, string? user, string? clientId)
    {
        var entity = new QuotaEntity(Name(user), Name(clientId), null);

        QuotaPath.Of(entity).ShouldBe(path);
        QuotaPath.TryParse(path, out var parsed).ShouldBeTrue();
        parsed.ShouldBe(entity);

        static QuotaName? Name(string? text) => text switch { null => null, "" => QuotaName.Default, _ => new QuotaName(text) };
    }

    [Theory]
    [InlineData("topics/orders")]
    [InlineData("brokers/1")]
    [InlineData("users/a/topics/b")]
    public void Path_IsNotRead_WhenItIsThatOfSomethingElse(string path) => QuotaPath.TryParse(path, out _).ShouldBeFalse();

    [Fact]
    public async Task Alter_StoresWhatKafkaStores_AndNotifies()
    {
        await SetAsync(UserAndClient, "producer_byte_rate", "1024");
        await SetAsync(Client, "consumer_byte_rate", "2048");
        await SetAsync(Address, "connection_creation_rate", "10");

        (await DataAsync("/config/users/CN%3Da%20b%2CO%3D%C3%BC%2A/clients/my%20app")).ShouldBe("""{"version":1,"config":{"producer_byte_rate":"1024"}}""");
        (await DataAsync("/config/users/CN%3Da%20b%2CO%3D%C3%BC%2A")).ShouldBe("");
        (await DataAsync("/config/clients/slow")).ShouldBe("""{"version":1,"config":{"consumer_byte_rate":"2048"}}""");
        var notifications = await new ConfigStore(_database.Session, _database.Time).ReadNotificationsAsync(-1, null, Cancellation);
        notifications.Select(notification => notification.EntityPath)
            .ShouldBe(["users/CN%3Da%20b%2CO%3D%C3%BC%2A/clients/my%20app", "clients/slow", "ips/<default>"]);
        (await DataAsync("/config/changes/config_change_0000000001")).ShouldBe("""{"version":2,"entity_path":"clients/slow"}""");
    }

    [Fact]
    public async Task ReadAll_FindsEveryLevel_AndLeavesOutWhatIsEmptyOrMalformed()
    {
        await SetAsync(UserAndClient, "producer_byte_rate", "1");
        await SetAsync(DefaultUserAndClient, "producer_byte_rate", "2");
        await SetAsync(Client, "producer_byte_rate", "3");
        await SetAsync(Address, "connection_creation_rate", "4");
        await _database.Session.CreateAsync("/config/clients/broken", "{"u8.ToArray(), cancellationToken: Cancellation);
        var malformed = new List<ZNodeFormatException>();

        var all = await _quotas.ReadAllAsync(malformed.Add, Cancellation);

        all.Select(quota => quota.Entity).ShouldBe([Client, Address, DefaultUserAndClient, UserAndClient]);
        malformed.ShouldHaveSingleItem().Path.ShouldBe("/config/clients/broken");
        (await _quotas.ReadAsync(UserAndClient, Cancellation))["producer_byte_rate"].ShouldBe("1");
        (await _quotas.ReadAsync(User, Cancellation)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Alter_RemovesNodesThatAreEmpty_AndKeepsTheirParentsWhileTheyHoldSomething()
    {
        await SetAsync(UserAndClient, "producer_byte_rate", "1");
        await SetAsync(User, "producer_byte_rate", "2");

        await SetAsync(User, "producer_byte_rate", null);
        (await DataAsync("/config/users/CN%3Da%20b%2CO%3D%C3%BC%2A")).ShouldBe("""{"version":1,"config":{}}""");
        await SetAsync(UserAndClient, "producer_byte_rate", null);
        (await _database.Session.GetChildrenAsync("/config/users", null, Cancellation)).Value.Names.ShouldBeEmpty();

        await SetAsync(UserAndClient, "producer_byte_rate", null);
        await SetAsync(UserAndClient, "producer_byte_rate", "3");
        (await _quotas.ReadAsync(UserAndClient, Cancellation))["producer_byte_rate"].ShouldBe("3");
    }

    [Fact]
    public async Task Alter_DecidesAgain_WhenSomebodyElseWasFaster()
    {
        await Task.WhenAll(Enumerable.Range(0, 10).Select(i => SetAsync(UserAndClient, $"key-{i}", "x")));

        (await _quotas.ReadAsync(UserAndClient, Cancellation)).Count.ShouldBe(10);
    }

    private async Task SetAsync(QuotaEntity entity, string key, string? value)
        => (await _quotas.AlterAsync(entity, stored => Outcome.Of(value is null ? stored.Remove(key) : stored.SetItem(key, value)), Cancellation)).IsSuccess.ShouldBeTrue();

    private async Task<string> DataAsync(string path)
        => Encoding.UTF8.GetString((await _database.Session.GetDataAsync(path, null, Cancellation)).Value.Data.Span);
}
