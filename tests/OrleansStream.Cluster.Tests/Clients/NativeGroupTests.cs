#pragma warning disable xUnit1051 // Every wait here has a time-out of its own.
using System.Collections.Concurrent;
using OrleansStream.Client;
using OrleansStream.Cluster.Tests.Clusters;

namespace OrleansStream.Cluster.Tests.Clients;

/// <summary>Groups of native clients with the real coordinator.</summary>
public sealed class NativeGroupTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ConcurrentBag<string?> _values = [];
    private BrokerCluster _cluster = null!;
    private OrleansStreamClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _cluster = await BrokerCluster.StartAsync(
            ("group.initial.rebalance.delay.ms", "0"),
            ("group.min.session.timeout.ms", "100"),
            ("group.consumer.heartbeat.interval.ms", "200"),
            ("offsets.topic.num.partitions", "3"));
        _client = OrleansStreamClient.FromGrainFactory(_cluster.Client);
        await _client.Admin.CreateTopicAsync(new TopicSpecification("t", 4));
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _cluster.DisposeAsync();
    }

    [Fact]
    public async Task Consume_GoesOnWhereTheGroupStopped_WhenTheBrokerWasRestarted()
    {
        await ProduceAsync(0, 100);
        await using (var consumer = Create())
        {
            consumer.Subscribe("t");
            await ReadAsync(consumer, 60);
        }

        await _client.DisposeAsync();
        await _cluster.RestartAsync();
        _client = OrleansStreamClient.FromGrainFactory(_cluster.Client);

        await using var next = Create();
        next.Subscribe("t");
        await ReadAsync(next, 40);
        _values.Order().ShouldBe(Enumerable.Range(0, 100).Select(Text));
    }

    [Theory]
    [InlineData("range")]
    [InlineData("roundrobin")]
    [InlineData("sticky")]
    [InlineData("cooperative-sticky")]
    [InlineData("consumer protocol")]
    public async Task Consume_GivesEveryRecordOnce_WhileMembersComeAndGo(string assignor)
    {
        using var stop = new CancellationTokenSource();
        var members = new List<Task>();
        using var firstStop = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
        members.Add(RunMemberAsync(assignor, firstStop.Token));
        await ProduceAsync(0, 200);
        await UntilAsync(() => _values.Count > 50, "the first member reads");
        members.Add(RunMemberAsync(assignor, stop.Token));
        await ProduceAsync(200, 200);
        await UntilAsync(() => _values.Count > 250, "two members read");
        members.Add(RunMemberAsync(assignor, stop.Token));
        await firstStop.CancelAsync();
        await members[0].WaitAsync(Patience);
        await ProduceAsync(400, 200);
        await UntilAsync(() => _values.Distinct().Count() == 600, "everything is read");
        await stop.CancelAsync();
        await Task.WhenAll(members).WaitAsync(Patience);

        _values.Order().ShouldBe(Enumerable.Range(0, 600).Select(Text).Order(), "each record once");
        var committed = await _client.Admin.ListGroupOffsetsAsync("g");
        committed.Values.Sum(offset => offset.Offset).ShouldBe(600);
    }

    [Fact]
    public async Task Describe_ShowsMembersAndClaims_AndTheGroupCanBeDeletedWhenTheyHaveGone()
    {
        await ProduceAsync(0, 8);
        var consumer = Create(options => options.ClientId = "my-client");
        consumer.Subscribe("t");
        await ReadAsync(consumer, 8);

        var group = (await _client.Admin.DescribeGroupsAsync(["g", "unknown"])).ToArray();
        (group[0].Type, group[0].State, group[0].Assignor, group[0].CoordinatorId).ShouldBe(("classic", "Stable", "range", BrokerCluster.BrokerId));
        var member = group[0].Members.ShouldHaveSingleItem();
        member.ClientId.ShouldBe("my-client");
        member.Claims.Select(claim => claim.Partition).ShouldBe([0, 1, 2, 3]);
        group[1].Error.ShouldBe(ErrorCode.GroupIdNotFound);
        (await _client.Admin.ListGroupsAsync()).ShouldHaveSingleItem().ShouldBe(new GroupOverview("g", "classic", "Stable", "consumer"));
        (await _client.Admin.DeleteGroupsAsync(["g"])).ShouldHaveSingleItem().Error.ShouldBe(ErrorCode.NonEmptyGroup);

        await consumer.DisposeAsync();
        var altered = await _client.Admin.AlterGroupOffsetsAsync("g", new Dictionary<TopicPartition, CommittedOffset> { [new("t", 1)] = new(1, -1, "note") });
        altered.ShouldHaveSingleItem().Value.ShouldBe(ErrorCode.None);
        (await _client.Admin.ListGroupOffsetsAsync("g"))[new TopicPartition("t", 1)].ShouldBe(new CommittedOffset(1, -1, "note"));
        (await _client.Admin.DeleteGroupOffsetsAsync("g", [new TopicPartition("t", 1)])).ShouldHaveSingleItem().Value.ShouldBe(ErrorCode.None);
        (await _client.Admin.ListGroupOffsetsAsync("g")).Keys.ShouldNotContain(new TopicPartition("t", 1));
        (await _client.Admin.DeleteGroupsAsync(["g"])).ShouldHaveSingleItem().Error.ShouldBe(ErrorCode.None);
        (await _client.Admin.ListGroupsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task StaticMember_KeepsItsClaims_WhenItComesBack()
    {
        var first = Create(options => options.GroupInstanceId = "a");
        await using var other = Create(options => options.GroupInstanceId = "b");
        first.Subscribe("t");
        other.Subscribe("t");
        await PollUntilAsync(() => first.Assignment.Count == 2 && other.Assignment.Count == 2, "sharing", first, other);
        var claims = first.Assignment.Order().ToArray();
        var generation = other.GroupMetadata!.GenerationId;
        await first.DisposeAsync();

        await using var again = Create(options => options.GroupInstanceId = "a");
        again.Subscribe("t");
        await PollUntilAsync(() => again.Assignment.Count == 2, "coming back", again, other);

        again.Assignment.Order().ShouldBe(claims);
        other.GroupMetadata!.GenerationId.ShouldBe(generation);
    }

    [Theory]
    [InlineData("range")]
    [InlineData("cooperative-sticky")]
    [InlineData("consumer protocol")]
    public async Task Dispose_LeavesTheGroup_WhateverTheGroupIsDoing(string assignor)
    {
        await ProduceAsync(0, 8);
        for (var round = 0; round < 12; round++)
        {
            using var firstStop = new CancellationTokenSource();
            using var secondStop = new CancellationTokenSource();
            var first = RunMemberAsync(assignor, firstStop.Token);
            if (round % 3 > 0)
            {
                await UntilAsync(() => !_values.IsEmpty, "the first member reads");
            }

            var second = RunMemberAsync(assignor, secondStop.Token);
            for (var turn = 0; turn < round * 4; turn++)
            {
                await Task.Yield();
            }

            await (round % 2 == 0 ? firstStop : secondStop).CancelAsync();
            await (round % 2 == 0 ? first : second).WaitAsync(Patience);
            await firstStop.CancelAsync();
            await secondStop.CancelAsync();
            await Task.WhenAll(first, second).WaitAsync(Patience);

            (await _client.Admin.DescribeGroupsAsync(["g"]))[0].Members.ShouldBeEmpty($"round {round}");
        }
    }

    [Fact]
    public async Task Member_TakesOver_WhenAnotherOnesSessionTimesOut()
    {
        var dead = Create(options =>
        {
            options.SessionTimeout = TimeSpan.FromMilliseconds(1500);
            options.HeartbeatInterval = TimeSpan.FromMilliseconds(1499);
            options.LeaveGroupOnDispose = false;
        });
        await using var alive = Create(options => options.HeartbeatInterval = TimeSpan.FromMilliseconds(200));
        dead.Subscribe("t");
        alive.Subscribe("t");
        await PollUntilAsync(() => dead.Assignment.Count == 2 && alive.Assignment.Count == 2, "sharing", dead, alive);
        await dead.DisposeAsync();
        await PollUntilAsync(() => alive.Assignment.Count == 4, "taking over", alive);
    }

    private static string Text(int value) => value.ToString("D5", System.Globalization.CultureInfo.InvariantCulture);

    private static async Task UntilAsync(Func<bool> condition, string what)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!condition())
        {
            patience.IsCancellationRequested.ShouldBeFalse($"{what}: not within {Patience}");
            await timer.WaitForNextTickAsync();
        }
    }

    private static async Task PollUntilAsync(Func<bool> condition, string what, params IConsumer<Null, string>[] consumers)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!condition())
        {
            patience.IsCancellationRequested.ShouldBeFalse($"{what}: not within {Patience}");
            foreach (var consumer in consumers)
            {
                await consumer.PollAsync(TimeSpan.FromMilliseconds(20));
            }
        }
    }

    private IConsumer<Null, string> Create(Action<ConsumerOptions>? configure = null) => _client.CreateConsumer<Null, string>(options =>
    {
        options.GroupId = "g";
        options.HeartbeatInterval = TimeSpan.FromMilliseconds(200);
        configure?.Invoke(options);
    });

    private async Task RunMemberAsync(string assignor, CancellationToken cancellationToken)
    {
        await using var consumer = Create(options =>
        {
            options.GroupProtocol = assignor == "consumer protocol" ? Client.GroupProtocol.Consumer : Client.GroupProtocol.Classic;
            options.Assignors =
            [
                assignor switch
                {
                    "range" => PartitionAssignors.Range,
                    "roundrobin" => PartitionAssignors.RoundRobin,
                    "sticky" => PartitionAssignors.Sticky,
                    _ => PartitionAssignors.CooperativeSticky,
                },
            ];
        });
        consumer.Subscribe("t");
        try
        {
            await foreach (var record in consumer.ConsumeAsync(cancellationToken: cancellationToken))
            {
                _values.Add(record.Value);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Stopped in good order.
        }
    }

    private async Task ProduceAsync(int first, int count)
    {
        await using var producer = _client.CreateProducer<Null, string>();
        for (var i = first; i < first + count; i++)
        {
            await producer.SendAsync("t", new Message<Null, string>(null, Text(i)) { Partition = i % 4 });
        }

        await producer.FlushAsync().AsTask().WaitAsync(Patience);
    }

    private async Task ReadAsync(IConsumer<Null, string> consumer, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var record = await consumer.PollAsync(Patience);
            record.ShouldNotBeNull($"record {i} of {count}");
            _values.Add(record.Value.Value);
        }
    }
}
