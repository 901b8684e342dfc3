using OrleansStream.Abstractions;
using OrleansStream.Client;
using OrleansStream.Faults.Network;
using OrleansStream.Faults.Processes;

namespace OrleansStream.Faults.Running;

/// <summary>Broker processes, their ZooKeeper and the network between them.</summary>
public sealed class FaultCluster : IAsyncDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(5);

    private readonly List<SmallDisk> _disks = [];
    private readonly List<OrleansStreamClient> _clients = [];
    private readonly ZooKeeperNode _zooKeeper;
    private readonly List<BrokerNode> _brokers = [];

    private FaultCluster(ClusterNetwork network, string directory)
    {
        Network = network;
        _zooKeeper = new ZooKeeperNode(network, directory);
    }

    /// <summary>The connections between them.</summary>
    public ClusterNetwork Network { get; }

    /// <summary>The brokers, in order of their ids.</summary>
    public IReadOnlyList<BrokerNode> Brokers => _brokers;

    /// <summary>The broker whose disk is a small one of its own; null where none could be mounted.</summary>
    public BrokerNode? BrokerWithSmallDisk { get; private set; }

    /// <summary>Administration, with short time-outs.</summary>
    public IAdminClient Admin { get; private set; } = null!;

    /// <summary>Starts everything and waits until it serves.</summary>
    public static async Task<FaultCluster> StartAsync(ClusterNetwork network, FaultRunOptions options, RunLog log, CancellationToken cancellationToken)
    {
        var cluster = new FaultCluster(network, options.Directory);
        try
        {
            cluster._zooKeeper.Start();
            for (var id = 1; id <= options.Brokers; id++)
            {
                var data = Path.Combine(options.Directory, $"broker-{id}");
                SmallDisk? disk = null;
                if (id == options.Brokers && network.WhyNoCuts is null)
                {
                    var round = options.RoundLength < options.Length ? options.RoundLength : options.Length;
                    var bytes = (512L << 20) + (long)(round.TotalSeconds * 2 * options.Rate * (options.ValueBytes + 20) * 1.5);
                    disk = await SmallDisk.MountAsync(Path.Combine(options.Directory, "small-disk"), bytes);
                    data = disk is null ? data : Path.Combine(disk.Path, "data");
                }

                var broker = new BrokerNode(id, network, options.Directory, data, $"{cluster._zooKeeper.Address}/faults", log, options.Configs);
                cluster._brokers.Add(broker);
                if (disk is not null)
                {
                    cluster._disks.Add(disk);
                    cluster.BrokerWithSmallDisk = broker;
                }

                broker.Start();
            }

            foreach (var broker in cluster._brokers)
            {
                if (!await broker.WhenReadyAsync(StartPatience, cancellationToken))
                {
                    throw new CommandFailedException($"broker {broker.Id} did not start; its log is in {options.Directory}");
                }
            }

            cluster.Admin = (await cluster.ConnectAsync(cluster._brokers, cancellationToken)).Admin;
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>A broker by its id.</summary>
    public BrokerNode Broker(int id) => _brokers[id - 1];

    /// <summary>A native client that knows the gateways of these brokers. It lives as long as the cluster, or until it is disposed.</summary>
    public async Task<OrleansStreamClient> ConnectAsync(IEnumerable<BrokerNode> brokers, CancellationToken cancellationToken, bool isPatient = false)
    {
        var client = await OrleansStreamClient.ConnectAsync(
            string.Join(',', brokers.Select(broker => broker.Endpoint.Gateway)),
            options =>
            {
                options.ConnectTimeout = TimeSpan.FromSeconds(60);
                options.RequestTimeout = isPatient ? options.RequestTimeout : RequestTimeout;
            },
            cancellationToken: cancellationToken);
        _clients.Add(client);
        return client;
    }

    /// <summary>Everything that a broker says of brokers and topics, the internal ones included.</summary>
    public async Task<(ClusterMetadata Cluster, IReadOnlyList<TopicMetadata> Topics)> DescribeAsync(CancellationToken cancellationToken)
        => (await Admin.DescribeClusterAsync(cancellationToken), await Admin.ListTopicsAsync(includeInternal: true, cancellationToken));

    /// <summary>Why the cluster is not what it was before the fault; null when every broker is there and every replica in sync.</summary>
    public async Task<string?> WhyNotWholeAsync(CancellationToken cancellationToken)
    {
        var (cluster, topics) = await DescribeAsync(cancellationToken);
        if (cluster.Brokers.Length < _brokers.Count || cluster.ControllerId < 0)
        {
            return $"brokers {string.Join(",", cluster.Brokers.Select(broker => broker.BrokerId))} are there, the controller is {cluster.ControllerId}";
        }

        var behind = topics.SelectMany(topic => topic.Partitions.Select(partition => (topic.Name, Partition: partition)))
            .Where(place => place.Partition.Leader < 0 || place.Partition.Isr.Length < place.Partition.Replicas.Length)
            .ToArray();
        return behind.Length == 0 ? null
            : $"{behind.Length} partitions are not in full, for instance {behind[0].Name}-{behind[0].Partition.Partition} with leader {behind[0].Partition.Leader} and ISR {string.Join(",", behind[0].Partition.Isr)} of {string.Join(",", behind[0].Partition.Replicas)}";
    }

    /// <summary>Ends ZooKeeper as kill -9 does.</summary>
    public Task KillZooKeeperAsync() => _zooKeeper.KillAsync();

    /// <summary>Starts ZooKeeper again, with the data that it had.</summary>
    public void StartZooKeeper() => _zooKeeper.Start();

    /// <summary>Takes all space of the small disk.</summary>
    public void FillSmallDisk() => _disks[0].Fill();

    /// <summary>Gives the small disk its space back.</summary>
    public void FreeSmallDisk() => _disks[0].Free();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_brokers.Select(broker => broker.DisposeAsync().AsTask()));
        foreach (var client in _clients)
        {
            await client.DisposeAsync();
        }

        await _zooKeeper.DisposeAsync();
        foreach (var disk in _disks)
        {
            await disk.DisposeAsync();
        }

        await Network.DisposeAsync();
    }
}
