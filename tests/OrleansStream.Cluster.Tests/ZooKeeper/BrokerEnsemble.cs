using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Hosting;
using Orleans.TestingHost;
using OrleansStream.Abstractions;
using OrleansStream.Grains.Cluster;
using OrleansStream.Grains.Hosting;
using OrleansStream.ZooKeeper.Tests.Servers;

namespace OrleansStream.Cluster.Tests.ZooKeeper;

/// <summary>Brokers in one process that share a ZooKeeper; each reaches it through a proxy of its own, so that it can be cut off.</summary>
internal sealed class BrokerEnsemble : IAsyncDisposable
{
    private const int ShortSessionMs = 1000;
    private const int LongSessionMs = 60_000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("ostream-ensemble-");
    private readonly Dictionary<int, ServerProxy> _proxies = [];
    private readonly Dictionary<int, InProcessSiloHandle> _silos = [];
    private readonly InProcessTestCluster _cluster;
    private int _starting;

    private BrokerEnsemble(
        StandaloneServer server, int count, Action<int, ISiloBuilder>? configureSilo, bool declaresDead, (string Key, string Value)[] configs)
    {
        ConnectString = $"{server.Address}/brokers-{Guid.NewGuid():N}";
        var chroot = ConnectString[ConnectString.IndexOf('/', StringComparison.Ordinal)..];
        for (var id = 1; id <= count; id++)
        {
            _proxies.Add(id, new ServerProxy(server.Port));
        }

        var builder = new InProcessTestClusterBuilder(0);
        builder.ConfigureSilo((_, silo) =>
        {
            var id = _starting;
            configureSilo?.Invoke(id, silo);
            silo.AddOrleansStreamBroker(options =>
            {
                options.BrokerId = id;
                options.DataDirectory = Path.Combine(_directory.FullName, $"broker-{id}");
                options.ZooKeeper = _proxies[id].Address + chroot;
                options.KafkaPort = 9000 + id;
                options.Configs["zookeeper.session.timeout.ms"] = $"{(declaresDead ? ShortSessionMs : LongSessionMs)}";
                if (!declaresDead)
                {
                    options.Configs["broker.session.timeout.ms"] = $"{LongSessionMs}";
                }

                options.Configs["zookeeper.connection.timeout.ms"] = "60000";
                foreach (var (key, value) in configs)
                {
                    options.Configs[key] = value;
                }
            });
        });
        builder.Options.InitializeClientOnDeploy = false;
        _cluster = builder.Build();
    }

    /// <summary>ZooKeeper itself, past the proxies.</summary>
    public string ConnectString { get; }

    public IEnumerable<int> BrokerIds => _silos.Keys.Order();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <param name="server">ZooKeeper.</param>
    /// <param name="count">How many brokers.</param>
    /// <param name="configureSilo">More for the silo of a broker.</param>
    /// <param name="declaresDead">
    /// Whether a broker that is silent is soon taken for dead. Where none dies, none should be, however slow the machine.
    /// </param>
    /// <param name="configs">Configurations of the brokers.</param>
    public static async Task<BrokerEnsemble> StartAsync(
        StandaloneServer server,
        int count,
        Action<int, ISiloBuilder>? configureSilo = null,
        bool declaresDead = false,
        params (string Key, string Value)[] configs)
    {
        ZooKeeperInstallation.SkipIfMissing();
        var ensemble = new BrokerEnsemble(server, count, configureSilo, declaresDead, configs);
        for (var id = 1; id <= count; id++)
        {
            await ensemble.StartBrokerAsync(id);
        }

        return ensemble;
    }

    public ServerProxy Proxy(int id) => _proxies[id];

    public IBroker Broker(int id) => Service<IBroker>(id);

    public T Service<T>(int id)
        where T : notnull
        => Services(id).GetRequiredService<T>();

    /// <summary>The grains as a broker sees them.</summary>
    public IGrainFactory Grains(int id) => Services(id).GetRequiredService<IGrainFactory>();

    public IClusterGrain Cluster(int id) => Services(id).GetRequiredService<IGrainFactory>().GetGrain<IClusterGrain>(0);

    public MetadataSnapshot Metadata(int id) => Services(id).GetRequiredService<MetadataCache>().Current;

    /// <summary>A broker's partition grain, called from another broker.</summary>
    public IPartitionGrain Partition(int caller, string topic, int partition, int brokerId)
        => Services(caller).GetRequiredService<IGrainFactory>()
            .GetGrain<IPartitionGrain>(new PartitionGrainKey(new TopicPartition(topic, partition), brokerId).ToString());

    public IBrokerGrain BrokerGrain(int caller, int brokerId) => Services(caller).GetRequiredService<IGrainFactory>().GetGrain<IBrokerGrain>(brokerId);

    public IControllerGrain Controller(int caller, int brokerId) => Services(caller).GetRequiredService<IGrainFactory>().GetGrain<IControllerGrain>(brokerId);

    /// <summary>Waits until a broker's metadata shows something.</summary>
    public async Task<MetadataSnapshot> SeesAsync(int id, Func<MetadataSnapshot, bool> condition, string what)
    {
        var cache = Services(id).GetRequiredService<MetadataCache>();
        (await cache.WaitUntilAsync(condition, Patience, Cancellation))
            .ShouldBeTrue($"broker {id} does not see {what}; it knows controller {cache.Current.ControllerId}, brokers {string.Join(",", cache.Current.Brokers.Select(b => b.BrokerId))}, topics {string.Join(",", cache.Current.Topics.Keys)}");
        return cache.Current;
    }

    public Task<TopicMetadata> CreateTopicAsync(int id, string topic, int partitions) => CreateReplicatedTopicAsync(id, topic, partitions, replicas: 1, []);

    public async Task<TopicMetadata> CreateReplicatedTopicAsync(int id, string topic, int partitions, short replicas, (string Key, string Value)[] configs)
    {
        foreach (var broker in BrokerIds)
        {
            await SeesAsync(broker, metadata => metadata.Brokers.Length >= replicas, $"{replicas} brokers");
        }

        var results = await Cluster(id).CreateTopicsAsync(
            new CreateTopicsRequest([new CreatableTopic(topic, partitions, replicas, configs.ToDictionary(c => c.Key, c => c.Value), null)], false, 60_000), Cancellation);
        results.ShouldHaveSingleItem().Error.ShouldBe(ErrorCode.None, results[0].ErrorMessage);
        return Metadata(id).Topics[topic];
    }

    public async Task StopAsync(int id)
    {
        var silo = _silos[id];
        _silos.Remove(id);
        await _cluster.StopSiloAsync(silo);
    }

    public async Task StartBrokerAsync(int id)
    {
        _starting = id;
        _silos.Add(id, await _cluster.StartAdditionalSiloAsync());
        await Broker(id).WhenServing.WaitAsync(Patience, Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var proxy in _proxies.Values)
        {
            proxy.Restore();
        }

        foreach (var id in BrokerIds.ToArray())
        {
            await StopAsync(id);
        }

        await _cluster.DisposeAsync();
        foreach (var proxy in _proxies.Values)
        {
            await proxy.DisposeAsync();
        }

        _directory.Delete(recursive: true);
    }

    private IServiceProvider Services(int id) => _silos[id].ServiceProvider;
}
