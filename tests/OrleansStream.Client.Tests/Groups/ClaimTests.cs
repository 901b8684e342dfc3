using System.Collections.Concurrent;

namespace OrleansStream.Client.Tests.Groups;

public sealed class ClaimTests : GroupFixture
{
    [Fact]
    public async Task ConsumeClaims_ConsumesPartitionsInParallel()
    {
        for (var partition = 0; partition < 4; partition++)
        {
            Cluster["t", partition].AppendValues($"{partition}");
        }

        // Each waits for the others: one after the other they would wait for good.
        using var all = new CountdownEvent(4);
        var met = new TaskCompletionSource();
        var handler = new Handler
        {
            OnRecord = async (_, _) =>
            {
                if (all.Signal())
                {
                    met.SetResult();
                }

                await met.Task;
            },
        };
        await using var consumer = Create();
        consumer.Subscribe("t");
        using var stop = new CancellationTokenSource();
        var run = consumer.ConsumeClaimsAsync(handler, stop.Token);
        await met.Task.Within("all four at once");
        await AdvanceUntilAsync(() => handler.Values.Count == 4, 5, "all records");
        await StopAsync(run, stop);
        handler.Log.ShouldBe(["setup 1 t-0 t-1 t-2 t-3", "cleanup"]);
    }

    [Fact]
    public async Task ConsumeClaims_CommitsWhatWasProcessed_WhenItIsStopped()
    {
        Cluster["t"].AppendValues("a", "b", "c");
        var inSecond = new TaskCompletionSource();
        var handler = new Handler
        {
            OnRecord = async (record, token) =>
            {
                if (record.Value == "b")
                {
                    inSecond.SetResult();
                    await Task.Delay(Timeout.InfiniteTimeSpan, token);
                }
            },
        };
        var consumer = Create();
        consumer.Subscribe("t");
        using var stop = new CancellationTokenSource();
        var run = consumer.ConsumeClaimsAsync(handler, stop.Token);
        await inSecond.Task.Within("the second record");
        await StopAsync(run, stop);
        consumer.Position(T(0)).ShouldBe(1);
        await consumer.DisposeAsync();
        Coordinator.Offsets[T(0)].Offset.ShouldBe(1);
    }

    [Fact]
    public async Task ConsumeClaims_EndsClaimsBeforeTheyGo_AndCommitsThem()
    {
        Cluster["t"].AppendValues("a", "b");
        var handler = new Handler();
        await using var consumer = Create();
        consumer.Subscribe("t");
        using var stop = new CancellationTokenSource();
        var run = consumer.ConsumeClaimsAsync(handler, stop.Token);
        await AdvanceUntilAsync(() => handler.Values.Count == 2, 5, "both records");

        Coordinator.Rebalance();
        await AdvanceUntilAsync(() => handler.Log.Count == 3, 500, "the second generation");

        handler.Log.ShouldBe(["setup 1 t-0 t-1 t-2 t-3", "cleanup", "setup 2 t-0 t-1 t-2 t-3"]);
        Coordinator.Offsets[T(0)].Offset.ShouldBe(2);
        Cluster["t"].AppendValues("c");
        await AdvanceUntilAsync(() => handler.Values.Count == 3, 5, "a record of the second generation");
        await StopAsync(run, stop);
    }

    [Fact]
    public async Task ConsumeClaims_KeepsClaimsGoing_WhenACooperativeGroupTakesOthers()
    {
        var handler = new Handler();
        await using var first = Create(options => options.Assignors = [PartitionAssignors.CooperativeSticky]);
        first.Subscribe("t");
        using var stop = new CancellationTokenSource();
        var run = first.ConsumeClaimsAsync(handler, stop.Token);
        await AdvanceUntilAsync(() => handler.Running.Count == 4, 5, "four claims");
        var before = handler.Running.ToDictionary();
        await using var second = Create(options => options.Assignors = [PartitionAssignors.CooperativeSticky]);
        second.Subscribe("t");

        await PollAllUntilAsync(() => second.Assignment.Count == 2 && handler.Running.Count == 2, "sharing", second);

        handler.Running.ShouldAllBe(claim => ReferenceEquals(before[claim.Key], claim.Value));
        first.Assignment.Concat(second.Assignment).ShouldBeUnique();
        await StopAsync(run, stop);
    }

    [Fact]
    public async Task ConsumeClaims_Throws_WhenAHandlerFails_AndTheRecordComesAgain()
    {
        Cluster["t"].AppendValues("a", "b");
        var handler = new Handler { OnRecord = (record, _) => record.Value == "b" ? throw new InvalidOperationException("mine") : Task.CompletedTask };
        await using var consumer = Create();
        consumer.Subscribe("t");
        (await Should.ThrowAsync<InvalidOperationException>(() => consumer.ConsumeClaimsAsync(handler).Within("the failure"))).Message.ShouldBe("mine");

        handler.OnRecord = (_, _) => Task.CompletedTask;
        using var stop = new CancellationTokenSource();
        var run = consumer.ConsumeClaimsAsync(handler, stop.Token);
        await AdvanceUntilAsync(() => handler.Values.Count == 3, 5, "going on");
        handler.Values.ShouldBe(["a", "b", "b"]);
        await StopAsync(run, stop);
    }

    [Fact]
    public async Task ConsumeClaims_ThrowsWhatAHandlerFailedWith_WhenItIsStopped()
    {
        Cluster["t"].AppendValues("a");
        var inFirst = new TaskCompletionSource();
        var handler = new Handler
        {
            OnRecord = async (_, token) =>
            {
                inFirst.SetResult();
                var stopped = new TaskCompletionSource();
                await using var registration = token.Register(() => stopped.SetResult());
                await stopped.Task;
                throw new InvalidOperationException("mine");
            },
        };
        await using var consumer = Create();
        consumer.Subscribe("t");
        using var stop = new CancellationTokenSource();
        var run = consumer.ConsumeClaimsAsync(handler, stop.Token);
        await inFirst.Task.Within("the record");
        await stop.CancelAsync();
        (await Should.ThrowAsync<InvalidOperationException>(() => run.Within("the end"))).Message.ShouldBe("mine");
    }

    [Fact]
    public async Task ConsumeClaims_LeavesTheGroup_WhenAHandlerTakesTooLong_AndTakesPartAgainLater()
    {
        Cluster["t"].AppendValues("slow");
        var release = new TaskCompletionSource();
        var handler = new Handler { OnRecord = (_, _) => release.Task };
        await using var consumer = Create(options => options.MaxPollInterval = TimeSpan.FromSeconds(5));
        consumer.Subscribe("t");
        using var stop = new CancellationTokenSource();
        var run = consumer.ConsumeClaimsAsync(handler, stop.Token);
        await AdvanceUntilAsync(() => !Coordinator.Leaves.IsEmpty, 500, "leaving");
        release.SetResult();

        await AdvanceUntilAsync(() => handler.Log.Count(entry => entry.StartsWith("setup", StringComparison.Ordinal)) == 2, 5, "taking part again");
        handler.WasLostAtCleanup.ShouldBeTrue();
        await StopAsync(run, stop);
    }

    [Fact]
    public async Task ConsumeClaims_BoundsWhatLiesReady_ForASlowHandler()
    {
        for (var batch = 0; batch < 50; batch++)
        {
            Cluster["t"].AppendValues($"{batch}");
        }

        var release = new TaskCompletionSource();
        var handler = new Handler { OnRecord = (_, _) => release.Task };
        await using var consumer = Create();
        consumer.Subscribe("t");
        using var stop = new CancellationTokenSource();
        var run = consumer.ConsumeClaimsAsync(handler, stop.Token);
        await AdvanceUntilAsync(() => consumer.Assignment.Contains(T(0)) && consumer.Position(T(0)) is > 0, 5, "the first batch");
        consumer.Position(T(0))!.Value.ShouldBeLessThanOrEqualTo(3);
        release.SetResult();
        await AdvanceUntilAsync(() => handler.Values.Count == 50, 5, "all");
        await StopAsync(run, stop);
        handler.Values.ShouldBe(Enumerable.Range(0, 50).Select(value => $"{value}"));
    }

    [Fact]
    public async Task ConsumeClaims_NeverStalls_WhenHandlerAndReaderMeetAtTheFullQueue()
    {
        const int Batches = 4000;
        for (var batch = 0; batch < 4 * Batches; batch++)
        {
            Cluster["t", batch % 4].AppendValues("x");
        }

        // No handler waits for anything, so each takes a batch just when the reader has found its queue full, now and then.
        var left = 4 * Batches;
        var all = new TaskCompletionSource();
        var handler = new Handler
        {
            OnRecord = (_, _) =>
            {
                if (Interlocked.Decrement(ref left) == 0)
                {
                    all.SetResult();
                }

                return Task.CompletedTask;
            },
        };
        await using var consumer = Create();
        consumer.Subscribe("t");
        using var stop = new CancellationTokenSource();
        var run = consumer.ConsumeClaimsAsync(handler, stop.Token);
        await all.Task.Within("every record");
        await StopAsync(run, stop);
    }

    private static async Task StopAsync(Task run, CancellationTokenSource stop)
    {
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => run.Within("the end"));
    }

    private sealed class Handler : IConsumerGroupHandler<Null, string>
    {
        public ConcurrentQueue<string> Log { get; } = new();

        public ConcurrentQueue<string?> Values { get; } = new();

        public ConcurrentDictionary<TopicPartition, IConsumerClaim<Null, string>> Running { get; } = new();

        public Func<ConsumeResult<Null, string>, CancellationToken, Task> OnRecord { get; set; } = (_, _) => Task.CompletedTask;

        public bool WasLostAtCleanup { get; private set; }

        public ValueTask SetupAsync(IConsumerGroupSession session, CancellationToken cancellationToken)
        {
            Log.Enqueue($"setup {session.Metadata.GenerationId} {string.Join(' ', session.Claims.Order())}");
            return default;
        }

        public async Task ConsumeClaimAsync(IConsumerGroupSession session, IConsumerClaim<Null, string> claim, CancellationToken cancellationToken)
        {
            Running.TryAdd(claim.TopicPartition, claim).ShouldBeTrue("one handler for a partition");
            try
            {
                await foreach (var record in claim.ConsumeAsync(cancellationToken))
                {
                    Values.Enqueue(record.Value);
                    await OnRecord(record, cancellationToken);
                }
            }
            finally
            {
                Running.TryRemove(claim.TopicPartition, out _);
            }
        }

        public ValueTask CleanupAsync(IConsumerGroupSession session, CancellationToken cancellationToken)
        {
            WasLostAtCleanup |= session.IsLost;
            Log.Enqueue("cleanup");
            return default;
        }
    }
}
