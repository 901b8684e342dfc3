using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Hosting;
using Orleans.TestingHost;
using OrleansStream.Abstractions;
using OrleansStream.Grains.Hosting;
using OrleansStream.Protocol.Records;

namespace OrleansStream.Cluster.Tests.Clusters;

/// <summary>One broker, and a client of it over TCP, in the test's process; the data directory outlives restarts.</summary>
internal sealed class BrokerCluster : IAsyncDisposable
{
    public const int BrokerId = 7;
    public const int TimeoutMs = 10_000;

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("ostream-cluster-");
    private readonly Action<ISiloBuilder>? _configureSilo;
    private readonly (string Key, string Value)[] _configs;
    private InProcessTestCluster? _cluster;

    private BrokerCluster(Action<ISiloBuilder>? configureSilo, (string Key, string Value)[] configs)
    {
        _configureSilo = configureSilo;
        _configs = configs;
    }

    public string DataDirectory => _directory.FullName;

    public IClusterClient Client => _cluster!.Client;

    public IClusterGrain Cluster => Client.GetGrain<IClusterGrain>(0);

    public IBrokerGrain Broker => Client.GetGrain<IBrokerGrain>(BrokerId);

    /// <summary>A service of the broker.</summary>
    public T Service<T>()
        where T : notnull
        => _cluster!.Silos[0].ServiceProvider.GetRequiredService<T>();

    public static Task<BrokerCluster> StartAsync(params (string Key, string Value)[] configs) => StartAsync(null, configs);

    public static async Task<BrokerCluster> StartAsync(Action<ISiloBuilder>? configureSilo, params (string Key, string Value)[] configs)
    {
        var cluster = new BrokerCluster(configureSilo, configs);
        await cluster.StartAgainAsync();
        return cluster;
    }

    public IPartitionGrain Partition(string topic, int partition = 0)
        => Client.GetGrain<IPartitionGrain>(new PartitionGrainKey(new TopicPartition(topic, partition), BrokerId).ToString());

    /// <summary>Stops the broker in good order.</summary>
    public async Task StopAsync()
    {
        if (Interlocked.Exchange(ref _cluster, null) is { } cluster)
        {
            await cluster.StopAllSilosAsync();
            await cluster.DisposeAsync();
        }
    }

    /// <summary>Stops the broker in good order while the client stays connected.</summary>
    public Task StopBrokerAsync() => _cluster!.StopSilosAsync();

    /// <summary>Starts a new life on the same data.</summary>
    public async Task StartAgainAsync()
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) =>
        {
            _configureSilo?.Invoke(silo);
            silo.AddOrleansStreamBroker(options =>
            {
                options.BrokerId = BrokerId;
                options.DataDirectory = DataDirectory;
                foreach (var (key, value) in _configs)
                {
                    options.Configs[key] = value;
                }
            });
        });
        _cluster = builder.Build();
        await _cluster.DeployAsync();
        await _cluster.Silos[0].ServiceProvider.GetRequiredService<IBroker>().WhenServing.WaitAsync(TimeSpan.FromSeconds(30));
    }

    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAgainAsync();
    }

    public async Task CreateTopicAsync(string topic, int partitions = 1, params (string Key, string Value)[] configs)
    {
        var results = await Cluster.CreateTopicsAsync(
            new CreateTopicsRequest([new CreatableTopic(topic, partitions, 1, configs.ToDictionary(c => c.Key, c => c.Value), null)], false, TimeoutMs),
            CancellationToken.None);
        results.ShouldHaveSingleItem().Error.ShouldBe(ErrorCode.None, results[0].ErrorMessage);
    }

    public Task<PartitionProduceResponse> ProduceAsync(string topic, byte[] batch, int partition = 0, short acks = -1)
        => Partition(topic, partition).ProduceAsync(new PartitionProduceRequest(batch, acks, TimeoutMs, null), CancellationToken.None);

    public Task<FetchResponse> FetchAsync(int maxWaitMs, params (string Topic, int Partition, long Offset)[] partitions)
        => FetchAsync(maxWaitMs, 1, 1 << 20, CancellationToken.None, partitions);

    public Task<FetchResponse> FetchAsync(
        int maxWaitMs, int minBytes, int maxBytes, CancellationToken cancellationToken, params (string Topic, int Partition, long Offset)[] partitions)
        => Broker.FetchAsync(
            new FetchRequest(
                maxWaitMs,
                minBytes,
                maxBytes,
                IsolationLevel.ReadUncommitted,
                Array.ConvertAll(partitions, p => new FetchPartition(p.Topic, p.Partition, p.Offset, 1 << 20, -1))),
            cancellationToken);

    /// <summary>The values of all records from an offset on.</summary>
    public async Task<string[]> ReadAllAsync(string topic, int partition = 0, long offset = 0)
    {
        var values = new List<string>();
        while (true)
        {
            var answer = (await FetchAsync(0, (topic, partition, offset))).Partitions.ShouldHaveSingleItem();
            answer.Error.ShouldBe(ErrorCode.None, answer.ErrorMessage);
            if (answer.Records.IsEmpty)
            {
                return [.. values];
            }

            foreach (var batch in RecordBatch.Enumerate(answer.Records))
            {
                using var reader = new RecordReader();
                reader.Open(batch.Memory);
                while (reader.TryRead(out var record))
                {
                    values.Add(System.Text.Encoding.UTF8.GetString(record.Value.Span));
                }

                offset = batch.Header.NextOffset;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _directory.Delete(recursive: true);
    }
}
