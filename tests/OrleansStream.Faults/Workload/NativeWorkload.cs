using OrleansStream.Client;
using OrleansStream.Faults.Checking;
using OrleansStream.Faults.Running;

namespace OrleansStream.Faults.Workload;

/// <summary>The native client at work: an idempotent producer and a group of two.</summary>
internal sealed class NativeWorkload : IWorkload
{
    private const int Clients = 3;

    private readonly List<IAsyncDisposable> _parts = [];
    private readonly SteadyProducer _producer;

    private NativeWorkload(FaultCluster cluster, OrleansStreamClient[] clients, string topic, FaultRunOptions options, RunLog log)
    {
        History = new TopicHistory(topic, options.Partitions);
        var group = $"readers-of-{topic}";
        _producer = new SteadyProducer(clients[0], History, options.Rate, options.ValueBytes, log);
        _parts.Add(_producer);
        _parts.Add(new GroupMember("member 1", clients[1], group, History, Account, log));
        _parts.Add(new GroupMember("member 2", clients[2], group, History, Account, log));
        _parts.Add(new CommittedOffsetWatch(cluster.Admin, group, History, Account, log));
        _parts.AddRange(clients);
    }

    public string Name => "native";

    public TopicHistory History { get; }

    public GroupAccount Account { get; } = new();

    public int ProducerRestarts => 0;

    public static async Task<NativeWorkload> StartAsync(FaultCluster cluster, string topic, FaultRunOptions options, RunLog log, CancellationToken cancellationToken)
    {
        var clients = new List<OrleansStreamClient>();
        for (var i = 0; i < Clients; i++)
        {
            clients.Add(await cluster.ConnectAsync(cluster.Brokers, cancellationToken, isPatient: true));
        }

        return new NativeWorkload(cluster, [.. clients], topic, options, log);
    }

    public Task StopSendingAsync() => _producer.StopAsync();

    public async ValueTask DisposeAsync()
    {
        foreach (var part in _parts)
        {
            await part.DisposeAsync();
        }

        _parts.Clear();
    }
}
