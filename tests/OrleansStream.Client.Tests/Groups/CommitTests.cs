namespace OrleansStream.Client.Tests.Groups;

public sealed class CommitTests : GroupFixture
{
    [Fact]
    public async Task AutoCommit_StoresWhatWasPolledBefore_EveryInterval()
    {
        Cluster["t"].AppendValues("a", "b", "c");
        await using var consumer = Create();
        consumer.Subscribe("t");
        await PollUntilAsync(consumer, () => Position(consumer, 0) == 3, "reading");

        await PollAllUntilAsync(() => Committed(0) == 3, "the commit", consumer);

        var commit = Coordinator.Commits.First();
        (commit.MemberId, commit.GenerationIdOrMemberEpoch, commit.RetentionTimeMs).ShouldBe(("member-1", 1, -1L));
        var seen = Coordinator.Commits.Count;
        Time.Advance(TimeSpan.FromSeconds(20));
        await consumer.PollAsync(TimeSpan.Zero);
        Coordinator.Commits.Count.ShouldBe(seen, "nothing has changed");
    }

    [Fact]
    public async Task Subscribe_GoesOn_WhereTheGroupHasCommitted()
    {
        Cluster["t"].AppendValues("a", "b", "c");
        Coordinator.Offsets[T(0)] = new CommittedOffset(2);
        await using var consumer = Create();
        consumer.Subscribe("t");
        (await PollUntilAsync(consumer, () => Position(consumer, 0) == 3, "reading")).ShouldHaveSingleItem().Value.ShouldBe("c");
        (await consumer.GetCommittedAsync([T(0), T(1)])).ShouldBe(new Dictionary<TopicPartition, CommittedOffset> { [T(0)] = new(2) });
        consumer.GetLag(T(0)).ShouldBe(0);
    }

    [Fact]
    public async Task Dispose_CommitsWhatWasPolled()
    {
        Cluster["t"].AppendValues("a", "b", "c");
        var consumer = Create();
        consumer.Subscribe("t");
        await PollUntilAsync(consumer, () => Position(consumer, 0) == 2, "reading");
        await consumer.DisposeAsync();
        Committed(0).ShouldBe(2);
    }

    [Fact]
    public async Task Dispose_LeavesTheRecordUncommitted_WhoseProcessingFailed()
    {
        Cluster["t"].AppendValues("a", "b", "c");
        var consumer = Create();
        consumer.Subscribe("t");
        await Should.ThrowAsync<InvalidOperationException>(async () =>
        {
            await foreach (var record in consumer.ConsumeAsync())
            {
                if (record.Value == "b")
                {
                    throw new InvalidOperationException("cannot process it");
                }
            }
        });
        await consumer.DisposeAsync();
        Committed(0).ShouldBe(1);
    }

    [Fact]
    public async Task Dispose_CommitsEverythingProcessed_WhenTheEnumerationIsCancelled()
    {
        Cluster["t"].AppendValues("a", "b", "c");
        using var cancellation = new CancellationTokenSource();
        var consumer = Create();
        consumer.Subscribe("t");
        await Should.ThrowAsync<OperationCanceledException>(async () =>
        {
            await foreach (var record in consumer.ConsumeAsync(cancellationToken: cancellation.Token))
            {
                if (record.Value == "b")
                {
                    await cancellation.CancelAsync();
                }
            }
        });
        await consumer.DisposeAsync();
        Committed(0).ShouldBe(2);
    }

    [Fact]
    public async Task Dispose_LeavesTheBatchUncommitted_WhoseProcessingWasBrokenOff()
    {
        Cluster["t"].AppendValues("a", "b", "c");
        var consumer = Create();
        consumer.Subscribe("t");
        await foreach (var batch in consumer.ConsumeBatchesAsync())
        {
            batch.RecordCount.ShouldBe(3);
            break;
        }

        await consumer.DisposeAsync();
        Committed(0).ShouldBe(0);
    }

    [Fact]
    public async Task Revoke_CommitsFirst_ThenTellsTheListener()
    {
        Cluster["t"].AppendValues("a", "b");
        await using var consumer = Create();
        var committedAtRevoke = -1L;
        var events = new Events();
        events.On = what =>
        {
            committedAtRevoke = what == "revoked" ? Committed(0) : committedAtRevoke;
            return Task.CompletedTask;
        };
        consumer.Subscribe(["t"], events);
        await PollUntilAsync(consumer, () => Position(consumer, 0) == 2, "reading");
        Coordinator.Rebalance();
        await PollAllUntilAsync(() => consumer.GroupMetadata!.GenerationId == 2, "the rebalance", consumer);
        committedAtRevoke.ShouldBe(2);
    }

    [Fact]
    public async Task Revoke_AllowsTheListenerToCommit_WithoutAutoCommit()
    {
        Cluster["t"].AppendValues("a", "b");
        await using var consumer = Create(options => options.EnableAutoCommit = false);
        var events = new Events();
        events.On = async what =>
        {
            if (what == "revoked")
            {
                await consumer.CommitAsync();
            }
        };
        consumer.Subscribe(["t"], events);
        await PollUntilAsync(consumer, () => Position(consumer, 0) == 2, "reading");
        Coordinator.Commits.ShouldBeEmpty();
        Coordinator.Rebalance();
        await PollAllUntilAsync(() => consumer.GroupMetadata!.GenerationId == 2, "the rebalance", consumer);
        Committed(0).ShouldBe(2);
    }

    [Theory]
    [InlineData(ErrorCode.CoordinatorLoadInProgress)]
    [InlineData(ErrorCode.NotCoordinator)]
    [InlineData(ErrorCode.CoordinatorNotAvailable)]
    [InlineData(ErrorCode.RequestTimedOut)]
    public async Task CommitAsync_TriesAgain_WhenTheCoordinatorCannotAnswer(ErrorCode error)
    {
        await using var consumer = await JoinedAsync();
        var refusals = 3;
        Coordinator.OnCommit = _ => refusals-- > 0 ? error : null;
        var commit = consumer.CommitAsync(At(0, 5)).AsTask();
        await Time.AdvanceUntilAsync(commit, TimeSpan.FromMilliseconds(100), "the commit");
        await commit;
        Committed(0).ShouldBe(5);
    }

    [Theory]
    [InlineData(ErrorCode.UnknownMemberId)]
    [InlineData(ErrorCode.IllegalGeneration)]
    [InlineData(ErrorCode.RebalanceInProgress)]
    [InlineData(ErrorCode.OffsetMetadataTooLarge)]
    [InlineData(ErrorCode.FencedInstanceId)]
    public async Task CommitAsync_Throws_WhenTheGroupRefuses(ErrorCode error)
    {
        await using var consumer = await JoinedAsync();
        Coordinator.OnCommit = _ => error;
        var failure = await Should.ThrowAsync<CommitFailedException>(async () => await consumer.CommitAsync(At(0, 5)));
        failure.Error.ShouldBe(error);
    }

    [Fact]
    public async Task CommitAsync_NeverGoesBack_WhenAnEarlierOneIsTriedAgain()
    {
        await using var consumer = await JoinedAsync();
        var gate = new TaskCompletionSource();
        var first = true;
        Coordinator.BeforeCommit = async _ =>
        {
            if (first)
            {
                first = false;
                await gate.Task;
                throw new TimeoutException("the answer is lost");
            }
        };
        var earlier = consumer.CommitAsync(At(0, 5)).AsTask();
        var later = consumer.CommitAsync(At(0, 9)).AsTask();
        gate.SetResult();
        await Time.AdvanceUntilAsync(Task.WhenAll(earlier, later), TimeSpan.FromMilliseconds(100), "both commits");
        Committed(0).ShouldBe(9);
        Coordinator.Commits.Select(commit => commit.Topics[0].Partitions[0].Offset).ShouldBe([5, 5, 9]);
    }

    [Fact]
    public async Task Commit_TellsEachHandler_AndKeepsTheOrder()
    {
        await using var consumer = await JoinedAsync();
        var outcomes = new List<long>();
        var done = new TaskCompletionSource();
        for (var offset = 1; offset <= 50; offset++)
        {
            consumer.Commit(At(0, offset), (offsets, failure) =>
            {
                failure.ShouldBeNull();
                outcomes.Add(offsets[T(0)].Offset);
                if (outcomes.Count == 50)
                {
                    done.SetResult();
                }
            });
        }

        await done.Task.Within("all handlers");
        outcomes.ShouldBe(Enumerable.Range(1, 50).Select(offset => (long)offset));
        Committed(0).ShouldBe(50);
    }

    [Fact]
    public async Task Commit_TellsTheHandler_WhenItFails()
    {
        await using var consumer = await JoinedAsync();
        Coordinator.OnCommit = _ => ErrorCode.InvalidCommitOffsetSize;
        var failed = new TaskCompletionSource<OrleansStreamException?>();
        consumer.Commit(At(0, 1), (_, failure) => failed.SetResult(failure));
        (await failed.Task.Within("the handler"))!.Error.ShouldBe(ErrorCode.InvalidCommitOffsetSize);
    }

    [Fact]
    public async Task CommitAsync_WorksFromOutside_WhenPartitionsAreAssignedByHand()
    {
        Cluster["t"].AppendValues("a", "b");
        Coordinator.Offsets[T(0)] = new CommittedOffset(1);
        await using var consumer = Create();
        consumer.Assign(new TopicPartitionOffset(T(0), OffsetSpec.Committed), new TopicPartitionOffset(T(1), OffsetSpec.Committed));
        (await PollUntilAsync(consumer, () => consumer.Position(T(0)) == 2 && consumer.Position(T(1)) == 0, "reading")).ShouldHaveSingleItem().Value.ShouldBe("b");
        await consumer.CommitAsync();
        Committed(0).ShouldBe(2);
        (Coordinator.Commits.Last().MemberId, Coordinator.Commits.Last().GenerationIdOrMemberEpoch).ShouldBe((string.Empty, -1));
    }

    [Fact]
    public async Task Poll_Throws_WhenNothingIsCommitted_AndResetIsNone()
    {
        await using var consumer = Create(options => options.AutoOffsetReset = AutoOffsetReset.None);
        consumer.Subscribe("t");
        var failure = await Should.ThrowAsync<ConsumeException>(() => PollUntilAsync(consumer, () => false, "the failure"));
        failure.Message.ShouldContain("committed no offset");
        foreach (var partition in consumer.Assignment)
        {
            consumer.Seek(partition, OffsetSpec.Earliest);
        }

        await PollUntilAsync(consumer, () => Position(consumer, 0) == 0, "going on");
    }

    [Fact]
    public async Task Dispose_CommitsNothing_WhenAutoCommitIsOff()
    {
        Cluster["t"].AppendValues("a");
        var consumer = Create(options => options.EnableAutoCommit = false);
        consumer.Subscribe("t");
        await PollUntilAsync(consumer, () => Position(consumer, 0) == 1, "reading");
        await consumer.DisposeAsync();
        Coordinator.Commits.ShouldBeEmpty();
    }

    private async Task<IConsumer<Null, string>> JoinedAsync()
    {
        var consumer = Create(options => options.EnableAutoCommit = false);
        consumer.Subscribe("t");
        await PollUntilAsync(consumer, () => consumer.Assignment.Count == 4, "the assignment");
        return consumer;
    }

    private static Dictionary<TopicPartition, CommittedOffset> At(int partition, long offset) => new() { [T(partition)] = new CommittedOffset(offset) };

    private static long? Position(IConsumer<Null, string> consumer, int partition)
        => consumer.Assignment.Contains(T(partition)) ? consumer.Position(T(partition)) : null;

    private long Committed(int partition) => Coordinator.Offsets.TryGetValue(T(partition), out var found) ? found.Offset : -1;
}
