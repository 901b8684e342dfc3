using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using OrleansStream.Client;
using OrleansStream.EndToEnd.Tests.Processes;

namespace OrleansStream.EndToEnd.Tests.Groups;

/// <summary>
/// Kill -9 of a member in mid-claim and of the broker in mid-rebalance: every record is processed at least once, a stored offset is never lost
/// and never goes back, and a partition has one owner at a time. tests/groups-faults.sh runs it for longer.
/// </summary>
public sealed class GroupKillTests : IAsyncLifetime
{
    private const string Topic = "t";
    private const string Group = "g";
    private const int Partitions = 4;
    private const int RecordsOfRound = 400;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly string[] Options =
    [
        "--set", "group.initial.rebalance.delay.ms=0", "--set", "group.consumer.session.timeout.ms=3000", "--set", "group.consumer.heartbeat.interval.ms=300",
        "--set", "offsets.topic.num.partitions=4",
    ];

    /// <summary>How often the broker is killed; tests/groups-faults.sh sets the variable.</summary>
    private static readonly int Kills =
        int.TryParse(Environment.GetEnvironmentVariable("OSTREAM_KILLS"), CultureInfo.InvariantCulture, out var kills) ? kills : 2;

    private readonly TemporaryDirectory _directory = new();
    private readonly GroupHistory _history = new();
    private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private BrokerAddress _address = null!;
    private Broker _broker = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _address = BrokerAddress.In(_directory["data"]);
        _broker = await Broker.StartAsync(_address, Options);
        await using var client = await _broker.ConnectAsync();
        await client.Admin.CreateTopicAsync(new TopicSpecification(Topic, Partitions), Token);
    }

    public async ValueTask DisposeAsync()
    {
        _stop.Dispose();
        await _broker.DisposeAsync();
        _directory.Dispose();
    }

    [Theory]
    [InlineData("range")]
    [InlineData("cooperative-sticky")]
    [InlineData("consumer protocol")]
    public async Task Group_BecomesStableAndLosesNothing_WhenTheBrokerIsKilledInMidRebalance(string assignor)
    {
        await using var client = await _broker.ConnectAsync();
        var members = new List<Task> { RunMemberAsync(client, "member 0", assignor), RunMemberAsync(client, "member 1", assignor) };
        await ProduceAsync(client);
        await UntilOwnedAsync(client, Partitions, "the first members to share the partitions");
        for (var kill = 1; kill <= Kills; kill++)
        {
            members.Add(RunMemberAsync(client, $"member {members.Count}", assignor));
            await WhenRebalancingAsync(client);
            await _broker.KillAsync();
            await _broker.DisposeAsync();
            _broker = await Broker.StartAsync(_address, Options);

            await ProduceAsync(client);
            await UntilOwnedAsync(client, Partitions, "the group to be stable again");
            await UntilAsync(async () => _history.HasProcessed(await EndsAsync(client)), "every record to be processed");
            _history.Check(await client.Admin.ListGroupOffsetsAsync(Group, cancellationToken: Token));
            _history.Violations.ShouldBeEmpty($"after kill {kill} of {Kills}");
        }

        await _stop.CancelAsync();
        await Task.WhenAll(members).WaitAsync(Patience, Token);
        _history.Check(await client.Admin.ListGroupOffsetsAsync(Group, cancellationToken: Token));
        _history.Violations.ShouldBeEmpty();
    }

    [Fact]
    public async Task OtherMember_ProcessesWhatWasNotCommitted_WhenAMemberIsKilledInMidClaim()
    {
        await using var client = await _broker.ConnectAsync();
        using var killed = _broker.StartOstream(
            "consume", Topic, "--group", Group, "--group-protocol", "consumer", "--from-beginning", "--print-partition", "--print-offset", "--key-separator", " ");
        var shown = new ConcurrentQueue<(int Partition, long Offset)>();
        var reading = ReadAsync(killed, shown);
        var survivor = RunMemberAsync(client, "survivor", "consumer protocol");
        await UntilOwnedAsync(client, Partitions / 2, "the two to share the partitions");
        await ProduceAsync(client);
        await UntilAsync(() => !shown.IsEmpty, "the one that will be killed to read");

        var producing = ProduceAsync(client);
        killed.Kill();
        await killed.WaitForExitAsync(Token);
        await reading;
        await producing;

        await UntilOwnedAsync(client, Partitions, "the survivor to take over");
        await UntilAsync(
            async () => (await EndsAsync(client)).All(end => Enumerable.Range(0, (int)end.Value).All(
                offset => _history.TimesProcessed(end.Key, offset) > 0 || shown.Contains((end.Key.Partition, offset)))),
            "every record to be processed by one or the other");
        await _stop.CancelAsync();
        await survivor.WaitAsync(Patience, Token);
        _history.Violations.ShouldBeEmpty();

        // What the survivor read itself it read once: its own part of the history has no failure in it.
        var stored = await client.Admin.ListGroupOffsetsAsync(Group, cancellationToken: Token);
        _history.Check(stored);
        foreach (var (partition, end) in await EndsAsync(client))
        {
            stored[partition].Offset.ShouldBe(end);
            Enumerable.Range(0, (int)end).ShouldAllBe(offset => _history.TimesProcessed(partition, offset) <= 1);
        }
    }

    private static async Task ReadAsync(Process process, ConcurrentQueue<(int Partition, long Offset)> shown)
    {
        while (await process.StandardOutput.ReadLineAsync(Token) is { } line)
        {
            // The last line may have been cut.
            if (line.Split(' ') is [var partition, var offset, _])
            {
                shown.Enqueue((int.Parse(partition, CultureInfo.InvariantCulture), long.Parse(offset, CultureInfo.InvariantCulture)));
            }
        }
    }

    private static async Task WhenRebalancingAsync(OrleansStreamClient client)
    {
        // A rebalance may be too quick to be seen; then it is killed right after one.
        for (var look = 0; look < 200; look++)
        {
            if ((await client.Admin.DescribeGroupsAsync([Group], Token))[0].State is not "Stable")
            {
                return;
            }
        }
    }

    private static async Task<IReadOnlyDictionary<TopicPartition, long>> EndsAsync(OrleansStreamClient client)
    {
        await using var onlooker = client.CreateConsumer<Null, string>(_ => { });
        var ends = new Dictionary<TopicPartition, long>();
        for (var partition = 0; partition < Partitions; partition++)
        {
            ends[new TopicPartition(Topic, partition)] = (await onlooker.QueryWatermarksAsync(new TopicPartition(Topic, partition), Token)).HighWatermark;
        }

        return ends;
    }

    private static async Task ProduceAsync(OrleansStreamClient client)
    {
        await using var producer = client.CreateProducer<Null, string>(_ => { });
        for (var i = 0; i < RecordsOfRound; i++)
        {
            await producer.SendAsync(Topic, new Message<Null, string>(null, "record") { Partition = i % Partitions });
        }

        await producer.FlushAsync(Token).AsTask().WaitAsync(Patience, Token);
    }

    private static Task UntilAsync(Func<bool> condition, string what) => UntilAsync(() => Task.FromResult(condition()), what);

    private static async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var looks = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await condition())
        {
            patience.IsCancellationRequested.ShouldBeFalse($"{what}: not within {Patience}");
            await looks.WaitForNextTickAsync(Token);
        }
    }

    /// <summary>Waits until the members of this process own so many partitions; else says what they own and what the coordinator thinks.</summary>
    private async Task UntilOwnedAsync(OrleansStreamClient client, int count, string what)
    {
        try
        {
            await UntilAsync(() => _history.OwnedCount == count, what);
        }
        catch (ShouldAssertException exception)
        {
            var group = (await client.Admin.DescribeGroupsAsync([Group], Token))[0];
            var claims = group.Members.Select(member => $"{member.ClientId}: {string.Join(' ', member.Claims)}");
            throw new ShouldAssertException(
                $"{exception.Message} The members own {_history.Owned}; the coordinator has a group that is {group.State} with {string.Join("; ", claims)}. The broker logged: {_broker.Error}");
        }
    }

    /// <summary>Processes records, storing offsets after each, until the test stops it.</summary>
    private async Task RunMemberAsync(OrleansStreamClient client, string name, string assignor)
    {
        var isConsumerProtocol = assignor == "consumer protocol";
        await using var consumer = client.CreateConsumer<Null, string>(options =>
        {
            options.GroupId = Group;
            options.ClientId = name;
            options.EnableAutoCommit = false;
            options.HeartbeatInterval = TimeSpan.FromMilliseconds(200);
            options.GroupProtocol = isConsumerProtocol ? GroupProtocol.Consumer : GroupProtocol.Classic;
            options.Assignors = [assignor == "cooperative-sticky" ? PartitionAssignors.CooperativeSticky : PartitionAssignors.Range];
        });
        consumer.Subscribe([Topic], _history.ListenerOf(name, () => consumer.GroupMetadata, ownsByGeneration: !isConsumerProtocol));
        try
        {
            while (true)
            {
                if (await consumer.PollAsync(TimeSpan.FromSeconds(1), _stop.Token) is not { } record)
                {
                    continue;
                }

                var partition = new TopicPartition(record.Topic, record.Partition);
                _history.Processed(partition, record.Offset);
                try
                {
                    await consumer.CommitAsync(record, CancellationToken.None);
                    _history.Committed(partition, record.Offset + 1);
                }
                catch (OrleansStreamException)
                {
                    // The partition may be another member's by now; whoever has it goes on where the group stands.
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The test has seen enough.
        }
    }
}
