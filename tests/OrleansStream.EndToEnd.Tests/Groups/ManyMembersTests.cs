using System.Collections.Concurrent;
using OrleansStream.EndToEnd.Tests.Processes;

namespace OrleansStream.EndToEnd.Tests.Groups;

/// <summary>Crowds and bad members, over the Kafka protocol with a connection for each.</summary>
public sealed class ManyMembersTests : IAsyncLifetime
{
    private const string Group = "crowd";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryDirectory _directory = new();
    private Broker _broker = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _broker = await Broker.StartAsync(
        BrokerAddress.In(_directory["data"]), "--set", "group.initial.rebalance.delay.ms=500", "--set", "group.min.session.timeout.ms=500");

    public async ValueTask DisposeAsync()
    {
        await _broker.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task Members_ComeToOneGeneration_When500JoinAtOnce()
    {
        const int Count = 500;
        var members = await Task.WhenAll(Enumerable.Range(0, Count).Select(_ => ConnectAsync()));
        await members[0].FindCoordinatorAsync();
        var history = new ConcurrentBag<(int Generation, int Number, string MemberId)>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);

        var running = members.Select(member => RunAsync(member, history, stop.Token)).ToArray();
        var started = TimeProvider.System.GetTimestamp();
        await UntilAsync(() => history.GroupBy(entry => entry.Generation).MaxBy(generation => generation.Key)?.Count() == Count, "all members in one generation");
        TestContext.Current.SendDiagnosticMessage($"{Count} members stable after {TimeProvider.System.GetElapsedTime(started).TotalSeconds:F1} s");

        await stop.CancelAsync();
        await Task.WhenAll(running).WaitAsync(Patience, Token);
        var described = await members[0].DescribeAsync();
        (described.GroupState, described.Members.Count).ShouldBe(("Stable", Count));
        foreach (var generation in history.GroupBy(entry => entry.Generation))
        {
            generation.Select(entry => entry.Number).ShouldBeUnique($"two owners of a number in generation {generation.Key}");
        }

        Array.ForEach(members, member => member.Dispose());
    }

    [Fact]
    public async Task SlowMember_IsWaitedFor_AndOneThatNeverSyncsIsLeftBehind()
    {
        using var quick = await ConnectAsync();
        using var slow = await ConnectAsync();
        using var silent = await ConnectAsync();
        using var onlooker = await ConnectAsync();
        await quick.FindCoordinatorAsync();
        await Task.WhenAll(JoinAndSyncAsync(quick), JoinAndSyncAsync(slow));
        quick.Generation.ShouldBe(slow.Generation);

        // A third comes and the quick one joins again; both wait for the slow one.
        var silentJoin = silent.JoinAsync();
        await UntilAsync(async () => await slow.HeartbeatAsync() == ErrorCode.RebalanceInProgress, "the slow member to be told of the rebalance");
        var quickJoin = quick.JoinAsync();
        await UntilAsync(async () => (await slow.DescribeAsync()).GroupState == "PreparingRebalance", "the group to wait");
        (await slow.HeartbeatAsync()).ShouldBe(ErrorCode.RebalanceInProgress);
        quickJoin.IsCompleted.ShouldBeFalse("the slow member has not joined yet");
        var slowJoin = await slow.JoinAsync();
        var joins = await Task.WhenAll(quickJoin, silentJoin).WaitAsync(Patience, Token);
        joins.Select(join => join.GenerationId).ShouldAllBe(generation => generation == slowJoin.GenerationId);

        // The third never syncs. The others get what the leader assigned, and later form a generation without it.
        var leader = joins.Append(slowJoin).First(join => join.Leader == join.MemberId);
        var syncs = new[] { (quick, joins[0]), (slow, slowJoin) }.Where(pair => pair.Item2 != leader).Select(pair => pair.Item1.SyncAsync(pair.Item2)).ToList();
        if (leader.MemberId != silent.MemberId)
        {
            syncs.Add((leader.MemberId == quick.MemberId ? quick : slow).SyncAsync(leader));
            (await Task.WhenAll(syncs).WaitAsync(Patience, Token)).ShouldAllBe(sync => sync.Error == ErrorCode.None && sync.Number >= 0);
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var history = new ConcurrentBag<(int, int, string)>();
        var running = Task.WhenAll(RunAsync(quick, history, stop.Token), RunAsync(slow, history, stop.Token));
        await UntilAsync(
            async () => await onlooker.DescribeAsync() is { GroupState: "Stable", Members.Count: 2 }, "the group to be stable without the one that did not sync");
        await stop.CancelAsync();
        await running.WaitAsync(Patience, Token);
        (await silent.HeartbeatAsync()).ShouldBe(ErrorCode.UnknownMemberId);
    }

    private static async Task JoinAndSyncAsync(KafkaMember member)
    {
        while (true)
        {
            var joined = await member.JoinAsync();
            joined.ErrorCode.ShouldBe(ErrorCode.None);
            if ((await member.SyncAsync(joined)).Error == ErrorCode.None)
            {
                return;
            }
        }
    }

    /// <summary>What a good client does: joins whenever it is told to, syncs, and sends heartbeats.</summary>
    private static async Task RunAsync(KafkaMember member, ConcurrentBag<(int Generation, int Number, string MemberId)> history, CancellationToken stop)
    {
        using var heartbeats = new PeriodicTimer(TimeSpan.FromMilliseconds(300));
        var isIn = member.Generation >= 0 && await member.HeartbeatAsync() == ErrorCode.None;
        while (!stop.IsCancellationRequested)
        {
            if (!isIn)
            {
                var joined = await member.JoinAsync();
                joined.ErrorCode.ShouldBe(ErrorCode.None);
                var (error, number) = await member.SyncAsync(joined);
                isIn = error == ErrorCode.None;
                error.ShouldBeOneOf(ErrorCode.None, ErrorCode.RebalanceInProgress);
                if (isIn)
                {
                    history.Add((joined.GenerationId, number, member.MemberId));
                }
            }

            try
            {
                await heartbeats.WaitForNextTickAsync(stop);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            isIn = isIn && await member.HeartbeatAsync() == ErrorCode.None;
        }
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

    private Task<KafkaMember> ConnectAsync() => KafkaMember.ConnectAsync(_broker.Address.KafkaPort, Group, rebalanceTimeoutMs: 3_000);
}
