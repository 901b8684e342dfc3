using System.Diagnostics;
using System.Globalization;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Broker.Benchmarks.Groups;

/// <summary>
/// 10,000 groups with 100 offsets each on one broker in a process of its own: what they take, how fast they commit, and how long
/// they take to come back after kill -9 and after a stop in good order. Every offset is checked in the end. All of it goes over the Kafka protocol.
/// </summary>
internal sealed class GroupsBenchmark(BrokerUnderTest? broker, string host, int port)
{
    private const string Topic = "orders";
    private const int Groups = 10_000;
    private const int Offsets = 100;
    private const int Connections = 8;
    private const short CommitVersion = 8;
    private const short FetchVersion = 7;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly long[] _committed = new long[Groups];

    /// <param name="target">A directory for the data of a broker that is started; or HOST:PORT of one that runs, Apache Kafka's for instance, which is not restarted.</param>
    public static async Task<int> RunAsync(string? target)
    {
        if (target is not null && target.Split(':') is [var host, var port] && int.TryParse(port, CultureInfo.InvariantCulture, out var number))
        {
            await new GroupsBenchmark(null, host, number).LoadAsync();
            return 0;
        }

        var data = Path.Combine(target ?? Path.GetTempPath(), $"ostream-groups-{Environment.ProcessId}");
        try
        {
            long[] committed;
            using (var fresh = await BrokerUnderTest.StartAsync(data))
            {
                var benchmark = new GroupsBenchmark(fresh, "127.0.0.1", fresh.Port);
                await benchmark.LoadAsync();
                committed = benchmark._committed;
                await fresh.KillAsync();
            }

            foreach (var end in (string[])["kill -9", "a stop in good order"])
            {
                using var again = await BrokerUnderTest.StartAsync(data);
                var benchmark = new GroupsBenchmark(again, "127.0.0.1", again.Port);
                committed.CopyTo(benchmark._committed.AsSpan());
                await benchmark.RecoverAsync(end);
                await again.StopAsync();
            }
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }

        return 0;
    }

    private static string Group(int number) => string.Create(CultureInfo.InvariantCulture, $"group-{number:D5}");

    private static void Show(string line) => Console.WriteLine(line);

    private async Task LoadAsync()
    {
        using var connections = await ConnectAsync();
        var created = await connections[0].CallAsync<CreateTopicsRequest, CreateTopicsResponse>(
            new CreateTopicsRequest { TimeoutMs = 30_000, Topics = { new() { Name = Topic, NumPartitions = Offsets, ReplicationFactor = 1 } } }, 4);
        if (created.Topics[0].ErrorCode is not (ErrorCode.None or ErrorCode.TopicAlreadyExists))
        {
            throw new InvalidOperationException($"The topic cannot be created: {created.Topics[0].ErrorCode}.");
        }

        await WaitForCoordinatorAsync(connections[0]);
        Show($"before: {Memory()}");

        await MeasureAsync("the first commit of every group, 100 offsets each, 64 at a time", Groups, 64, i => CommitAsync(connections, i, Offsets), Offsets);
        Show($"with {Groups} groups of {Offsets} offsets: {Memory()}");
        await MeasureAsync("one offset a commit, over all groups, 1,000 at a time", 300_000, 1_000, i => CommitAsync(connections, i % Groups, 1), 1);
        await MeasureAsync("one offset a commit, over all groups, 64 at a time", 100_000, 64, i => CommitAsync(connections, i % Groups, 1), 1);
        await MeasureAsync("one offset a commit, one group, one after the other", 5_000, 1, _ => CommitAsync(connections, 0, 1), 1);
        await MeasureAsync("100 offsets a commit, one group, one after the other", 2_000, 1, _ => CommitAsync(connections, 0, Offsets), Offsets);
        await MeasureAsync("fetching all offsets of every group, 64 at a time", Groups, 64, i => CheckAsync(connections, i), Offsets);
        Show($"in the end: {Memory()}");
    }

    private async Task RecoverAsync(string end)
    {
        var ready = broker!.ReadyAfter;
        using var connections = await ConnectAsync();
        await WaitForCoordinatorAsync(connections[0]);
        for (var group = 0; group < Groups; group += 20)
        {
            await CheckAsync(connections, group, 1);
        }

        Show(string.Create(
            CultureInfo.InvariantCulture,
            $"after {end}: ready after {ready.TotalSeconds:F2} s, all coordinators loaded after {broker.SinceStart.TotalSeconds:F2} s and {broker.CpuTime.TotalSeconds:F1} CPU s; {Memory()}"));
        await MeasureAsync("  every offset checked", Groups, 64, i => CheckAsync(connections, i), Offsets);
    }

    private string Memory() => broker is null ? "memory not measured" : string.Create(CultureInfo.InvariantCulture, $"{broker.ResidentMiB} MiB resident");

    private async Task MeasureAsync(string what, int count, int concurrency, Func<int, Task> one, int offsetsOfOne)
    {
        var latencies = new double[count];
        var next = -1;
        var cpu = broker?.CpuTime ?? default;
        var started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, concurrency).Select(async _ =>
        {
            for (var i = Interlocked.Increment(ref next); i < count; i = Interlocked.Increment(ref next))
            {
                var begun = Stopwatch.GetTimestamp();
                await one(i);
                latencies[i] = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
            }
        }));
        var elapsed = Stopwatch.GetElapsedTime(started);
        var used = broker is null ? string.Empty : string.Create(
            CultureInfo.InvariantCulture, $"; broker {(broker.CpuTime - cpu).TotalMicroseconds / count:F0} CPU us each");
        Array.Sort(latencies);
        Show(string.Create(
            CultureInfo.InvariantCulture,
            $"{what}: {count / elapsed.TotalSeconds:F0}/s ({(double)count * offsetsOfOne / elapsed.TotalSeconds:F0} offsets/s), p50 {latencies[count / 2]:F2} ms, p99 {latencies[count * 99 / 100]:F2} ms{used}"));
    }

    /// <summary>Each group has one commit under way at most, since the caller's numbers pass it once in <see cref="Groups"/>.</summary>
    private async Task CommitAsync(ConnectionSet connections, int group, int offsets)
    {
        var value = Interlocked.Increment(ref _committed[group]);
        var topic = new OffsetCommitRequest.OffsetCommitRequestTopic { Name = Topic };
        for (var partition = 0; partition < offsets; partition++)
        {
            topic.Partitions.Add(new() { PartitionIndex = partition, CommittedOffset = value, CommittedLeaderEpoch = -1, CommittedMetadata = string.Empty });
        }

        var response = await connections[group].CallAsync<OffsetCommitRequest, OffsetCommitResponse>(
            new OffsetCommitRequest { GroupId = Group(group), GenerationIdOrMemberEpoch = -1, MemberId = string.Empty, Topics = { topic } }, CommitVersion);
        if (response.Topics.Exists(answered => answered.Partitions.Exists(partition => partition.ErrorCode != ErrorCode.None)))
        {
            throw new InvalidOperationException($"A commit of {Group(group)} was answered {response.Topics[0].Partitions[0].ErrorCode}.");
        }
    }

    private Task CheckAsync(ConnectionSet connections, int group) => CheckAsync(connections, group, Offsets);

    private async Task CheckAsync(ConnectionSet connections, int group, int offsets)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var response = await connections[group].CallAsync<OffsetFetchRequest, OffsetFetchResponse>(
                new OffsetFetchRequest { GroupId = Group(group), Topics = [new() { Name = Topic, PartitionIndexes = [.. Enumerable.Range(0, offsets)] }] }, FetchVersion);
            if (response.ErrorCode is ErrorCode.CoordinatorLoadInProgress or ErrorCode.CoordinatorNotAvailable or ErrorCode.NotCoordinator
                && Stopwatch.GetElapsedTime(started) < Patience)
            {
                await Task.Delay(10);
                continue;
            }

            // Partition 0 is in every commit of the group; the others were committed with some of them.
            if (response.ErrorCode != ErrorCode.None
                || response.Topics[0].Partitions[0].CommittedOffset != Volatile.Read(ref _committed[group])
                || response.Topics[0].Partitions.Exists(partition => partition.CommittedOffset < 1))
            {
                throw new InvalidOperationException(
                    $"{Group(group)} should be at {_committed[group]}, but is answered {response.ErrorCode}, {response.Topics.FirstOrDefault()?.Partitions[0].CommittedOffset}.");
            }

            return;
        }
    }

    private async Task WaitForCoordinatorAsync(KafkaConnection connection)
    {
        var started = Stopwatch.GetTimestamp();
        while ((await connection.CallAsync<FindCoordinatorRequest, FindCoordinatorResponse>(new FindCoordinatorRequest { Key = Group(0) }, 2)).ErrorCode != ErrorCode.None)
        {
            if (Stopwatch.GetElapsedTime(started) > Patience)
            {
                throw new TimeoutException($"There was no coordinator within {Patience}.");
            }

            await Task.Delay(10);
        }
    }

    private async Task<ConnectionSet> ConnectAsync()
        => new(await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => KafkaConnection.ConnectAsync(host, port))));

    /// <summary>Connections that groups are spread over.</summary>
    private sealed class ConnectionSet(KafkaConnection[] connections) : IDisposable
    {
        public KafkaConnection this[int group] => connections[group % connections.Length];

        public void Dispose() => Array.ForEach(connections, connection => connection.Dispose());
    }
}
