using OrleansStream.Faults.Checking;
using OrleansStream.Faults.Network;
using OrleansStream.Faults.Running;
using OrleansStream.Faults.Workload;

namespace OrleansStream.Faults.Clients;

/// <summary>A client of Kafka's protocol at work: its producers write to a topic of its own, and two members of a group of its own read along.</summary>
internal sealed class ClientWorkload : IWorkload
{
    private const int Members = 2;

    private readonly List<ClientProducer> _producers = [];
    private readonly List<IAsyncDisposable> _parts = [];

    public ClientWorkload(KafkaClient client, FaultCluster cluster, string topic, FaultRunOptions options, RunLog log)
    {
        Name = client.Name;
        History = new TopicHistory(topic, options.Partitions);
        var bootstrap = string.Join(',', cluster.Brokers.Select(broker => broker.Endpoint.Kafka));
        var group = $"readers-of-{topic}";
        var processes = client.ProducerProcesses(options.Partitions);
        foreach (var partitions in processes)
        {
            var command = Place(client.ProducerCommand(bootstrap, topic, partitions));
            var rate = (double)options.ClientRate / processes.Count;
            var valueBytes = Math.Max(options.ValueBytes, KafkaClient.MinValueBytes);
            _producers.Add(new ClientProducer(client, command, History, partitions, rate, valueBytes, Log($"producer-{partitions[0]}"), log));
        }

        for (var member = 1; member <= Members; member++)
        {
            _parts.Add(new ClientReader($"{Name}'s member {member}", Place(client.ReaderCommand(bootstrap, topic, group)), History, Account, Log($"member-{member}"), log));
        }

        _parts.Add(new CommittedOffsetWatch(cluster.Admin, group, History, Account, log, learns: true));
        _parts.AddRange(_producers);

        string Log(string what) => Path.Combine(options.Directory, $"{topic}-{what}.log");

        IReadOnlyList<string> Place(IReadOnlyList<string> command) => [.. cluster.Network.RunOn(ClusterNetwork.Clients), .. command];
    }

    public string Name { get; }

    public TopicHistory History { get; }

    public GroupAccount Account { get; } = new();

    public int ProducerRestarts => _producers.Sum(producer => producer.Restarts);

    public Task StopSendingAsync() => Task.WhenAll(_producers.Select(producer => producer.StopAsync()));

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_parts.Select(part => part.DisposeAsync().AsTask()));
        _parts.Clear();
    }
}
