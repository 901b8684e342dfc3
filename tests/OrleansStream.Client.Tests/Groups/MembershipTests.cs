using System.Text.RegularExpressions;

namespace OrleansStream.Client.Tests.Groups;

public sealed class MembershipTests : GroupFixture
{
    [Fact]
    public async Task Subscribe_AssignsAllPartitions_ToTheOnlyMember()
    {
        var events = new Events();
        await using var consumer = Create();
        consumer.Subscribe(["t"], events);
        Cluster["t", 2].AppendValues("a", "b");

        var records = await PollUntilAsync(consumer, () => consumer.Assignment.Count == 4 && consumer.Position(T(2)) == 2, "reading");

        records.Select(record => record.Value).ShouldBe(["a", "b"]);
        consumer.Assignment.Order().ShouldBe([T(0), T(1), T(2), T(3)]);
        events.Log.ShouldBe(["assigned t-0 t-1 t-2 t-3"]);
        consumer.GroupMetadata.ShouldBe(new ConsumerGroupMetadata("g", 1, "member-1", null));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Subscribe_SharesPartitions_WhenASecondMemberJoins_AndGivesThemBackWhenItLeaves(bool cooperative)
    {
        var firstEvents = new Events();
        await using var first = Create(options => Use(options, cooperative));
        first.Subscribe(["t"], firstEvents);
        await PollUntilAsync(first, () => first.Assignment.Count == 4, "the first assignment");
        var second = Create(options => Use(options, cooperative));
        second.Subscribe("t");

        await PollAllUntilAsync(() => first.Assignment.Count == 2 && second.Assignment.Count == 2, "sharing", first, second);

        first.Assignment.Concat(second.Assignment).Order().ShouldBe([T(0), T(1), T(2), T(3)]);
        await second.DisposeAsync();
        Coordinator.Leaves.ShouldHaveSingleItem();
        await PollAllUntilAsync(() => first.Assignment.Count == 4, "taking over", first);
        firstEvents.Log.Where(entry => entry != "assigned").ShouldBe(cooperative
            ? ["assigned t-0 t-1 t-2 t-3", "revoked t-2 t-3", "assigned t-2 t-3"]
            : ["assigned t-0 t-1 t-2 t-3", "revoked t-0 t-1 t-2 t-3", "assigned t-0 t-1", "revoked t-0 t-1", "assigned t-0 t-1 t-2 t-3"]);
    }

    [Fact]
    public async Task Subscribe_GoesOnReading_WhileACooperativeGroupWaitsForAnotherMember()
    {
        await using var first = Create(options => Use(options, cooperative: true));
        await using var second = Create(options => Use(options, cooperative: true));
        first.Subscribe("t");
        second.Subscribe("t");
        await PollAllUntilAsync(() => first.Assignment.Count == 2 && second.Assignment.Count == 2, "sharing", first, second);
        var joins = Coordinator.Joins.Count;
        Coordinator.Rebalance();
        await PollAllUntilAsync(() => Coordinator.Joins.Count > joins, "joining again", first);

        var partition = first.Assignment.First();
        Cluster["t", partition.Partition].AppendValues("meanwhile");

        (await PollUntilAsync(first, () => first.Position(partition) == 1, "the record")).ShouldHaveSingleItem().Value.ShouldBe("meanwhile");
    }

    [Fact]
    public async Task Subscribe_ByPattern_TakesNewTopics_WhenMetadataAreOld()
    {
        Cluster.AddTopic("orders-eu").AddTopic("xorders");
        await using var consumer = Create();
        consumer.Subscribe(new Regex("^orders-"));
        await PollUntilAsync(consumer, () => consumer.Assignment.Count == 1, "the first topic");
        consumer.Subscription.ShouldBe(["orders-eu"]);

        Cluster.AddTopic("orders-us");
        Time.Advance(TimeSpan.FromMinutes(2));
        consumer.Assignment.Count.ShouldBe(1);
        await PollAllUntilAsync(() => consumer.Assignment.Count == 2, "the second topic", consumer);
        consumer.Subscription.ShouldBe(["orders-eu", "orders-us"]);
    }

    [Fact]
    public async Task Subscribe_TakesTheTopic_WhenItIsCreatedLater()
    {
        await using var consumer = Create();
        consumer.Subscribe("late");
        await PollAllUntilAsync(() => consumer.GroupMetadata!.GenerationId == 1, "joining", consumer);
        Cluster.AddTopic("late", 2);
        await PollAllUntilAsync(() => consumer.Assignment.Count == 2, "the topic", consumer);
    }

    [Fact]
    public async Task Subscribe_RevokesTheOldTopic_WhenAnotherIsSubscribedTo()
    {
        Cluster.AddTopic("u");
        var events = new Events();
        await using var consumer = Create(options => Use(options, cooperative: true));
        consumer.Subscribe(["t"], events);
        await PollUntilAsync(consumer, () => consumer.Assignment.Count == 4, "the first");
        consumer.Subscribe(["u"], events);
        await PollUntilAsync(consumer, () => consumer.Assignment.SequenceEqual([new TopicPartition("u", 0)]), "the second");
        events.Log.ShouldBe(["assigned t-0 t-1 t-2 t-3", "revoked t-0 t-1 t-2 t-3", "assigned u-0"]);
    }

    [Fact]
    public async Task Subscribe_IsRefused_WithoutGroup_OrBesideAssign()
    {
        await using var lone = Client.CreateConsumer<Null, string>();
        Should.Throw<InvalidOperationException>(() => lone.Subscribe("t")).Message.ShouldContain("GroupId");
        await using var manual = Create();
        manual.Assign(new TopicPartitionOffset(T(0), OffsetSpec.Earliest));
        Should.Throw<InvalidOperationException>(() => manual.Subscribe("t"));
        await using var member = Create();
        member.Subscribe("t");
        Should.Throw<InvalidOperationException>(() => member.Assign(new TopicPartitionOffset(T(0), OffsetSpec.Earliest)));
    }

    [Theory]
    [InlineData(ErrorCode.UnknownMemberId)]
    [InlineData(ErrorCode.IllegalGeneration)]
    public async Task Heartbeat_LosesPartitionsAndJoinsAgain_WhenTheSessionIsGone(ErrorCode error)
    {
        var events = new Events();
        await using var consumer = Create();
        consumer.Subscribe(["t"], events);
        await PollUntilAsync(consumer, () => consumer.Assignment.Count == 4, "the first assignment");
        if (error == ErrorCode.UnknownMemberId)
        {
            Coordinator.Expire();
        }
        else
        {
            Coordinator.OnHeartbeat = heartbeat => heartbeat.GenerationId == 1 ? error : null;
        }

        await PollAllUntilAsync(() => events.Log.Count == 3, "joining again", consumer);

        events.Log.ShouldBe(["assigned t-0 t-1 t-2 t-3", "lost t-0 t-1 t-2 t-3", "assigned t-0 t-1 t-2 t-3"]);
        Coordinator.Joins.Last().MemberId.ShouldBe(error == ErrorCode.UnknownMemberId ? "member-2" : "member-1");
    }

    [Fact]
    public async Task Heartbeat_FindsTheCoordinatorAgain_WhenItHasMoved()
    {
        await using var consumer = Create();
        consumer.Subscribe("t");
        await PollUntilAsync(consumer, () => consumer.Assignment.Count == 4, "the assignment");
        Cluster.CoordinatorBroker = 2;
        var seen = Coordinator.Heartbeats.Count;

        await PollAllUntilAsync(() => Coordinator.Heartbeats.Count > seen + 1, "heartbeats to the new coordinator", consumer);

        consumer.GroupMetadata!.GenerationId.ShouldBe(1);
    }

    [Fact]
    public async Task Poll_ThrowsFromThenOn_WhenAnotherUsesTheInstanceId()
    {
        var events = new Events();
        await using var consumer = Create(options => options.GroupInstanceId = "i");
        consumer.Subscribe(["t"], events);
        await PollUntilAsync(consumer, () => consumer.Assignment.Count == 4, "the assignment");
        Coordinator.OnHeartbeat = _ => ErrorCode.FencedInstanceId;

        var failure = await Should.ThrowAsync<GroupException>(() => PollAllUntilAsync(() => false, "the failure", consumer));

        (failure.Error, failure.GroupId).ShouldBe((ErrorCode.FencedInstanceId, "g"));
        failure.Message.ShouldContain("'i'");
        events.Log.Last().ShouldBe("lost t-0 t-1 t-2 t-3");
        Coordinator.OnHeartbeat = _ => null;
        var joins = Coordinator.Joins.Count;
        await Should.ThrowAsync<GroupException>(async () => await consumer.PollAsync(TimeSpan.Zero));
        Coordinator.Joins.Count.ShouldBe(joins, "it must not fence the other one in turn");
    }

    [Theory]
    [InlineData(ErrorCode.InconsistentGroupProtocol)]
    [InlineData(ErrorCode.GroupMaxSizeReached)]
    [InlineData(ErrorCode.InvalidSessionTimeout)]
    public async Task Poll_Throws_WhenTheGroupRefusesTheMember(ErrorCode error)
    {
        await using var consumer = Create();
        consumer.Subscribe("t");
        Coordinator.OnJoin = _ => error;
        var failure = await Should.ThrowAsync<GroupException>(() => PollUntilAsync(consumer, () => false, "the refusal"));
        failure.Error.ShouldBe(error);
        Coordinator.OnJoin = _ => null;
        await PollUntilAsync(consumer, () => consumer.Assignment.Count == 4, "a later attempt");
    }

    [Theory]
    [InlineData(ErrorCode.CoordinatorLoadInProgress)]
    [InlineData(ErrorCode.CoordinatorNotAvailable)]
    [InlineData(ErrorCode.NotCoordinator)]
    [InlineData(ErrorCode.RebalanceInProgress)]
    public async Task Join_IsTriedAgain_WhenTheCoordinatorCannotAnswerYet(ErrorCode error)
    {
        var refusals = 3;
        Coordinator.OnJoin = _ => refusals-- > 0 ? error : null;
        await using var consumer = Create();
        consumer.Subscribe("t");
        await PollAllUntilAsync(() => consumer.Assignment.Count == 4, "joining in the end", consumer);
    }

    [Fact]
    public async Task Sync_JoinsAgain_WhenTheGroupRebalancesMeanwhile()
    {
        var refusals = 1;
        Coordinator.OnSync = _ => refusals-- > 0 ? ErrorCode.RebalanceInProgress : null;
        await using var consumer = Create();
        consumer.Subscribe("t");
        await PollAllUntilAsync(() => consumer.Assignment.Count == 4, "joining in the end", consumer);
        consumer.GroupMetadata!.GenerationId.ShouldBe(2);
    }

    [Fact]
    public async Task MaxPollInterval_LeavesTheGroup_UntilTheNextPoll()
    {
        var events = new Events();
        await using var consumer = Create(options => options.MaxPollInterval = TimeSpan.FromSeconds(10));
        consumer.Subscribe(["t"], events);
        await PollUntilAsync(consumer, () => consumer.Assignment.Count == 4, "the assignment");

        for (var second = 0; second < 8; second++)
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            await Expect.OthersRun();
        }

        Coordinator.Leaves.ShouldBeEmpty();
        await AdvanceUntilAsync(() => !Coordinator.Leaves.IsEmpty, 1000, "leaving");
        await Should.ThrowAsync<CommitFailedException>(async () => await consumer.CommitAsync(new Dictionary<TopicPartition, CommittedOffset> { [T(0)] = new(1) }));
        await PollUntilAsync(consumer, () => events.Log.Count == 3, "coming back");
        events.Log.ShouldBe(["assigned t-0 t-1 t-2 t-3", "lost t-0 t-1 t-2 t-3", "assigned t-0 t-1 t-2 t-3"]);
    }

    [Fact]
    public async Task MaxPollInterval_DoesNotCount_WhileTheReaderWaits()
    {
        await using var consumer = Create(options => options.MaxPollInterval = TimeSpan.FromSeconds(10));
        consumer.Subscribe("t");
        await PollUntilAsync(consumer, () => consumer.Assignment.Count == 4, "the assignment");
        var poll = consumer.PollAsync(Timeout.InfiniteTimeSpan).AsTask();
        for (var second = 0; second < 60; second++)
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            await Expect.OthersRun();
        }

        Cluster["t", 0].AppendValues("late");
        (await poll.Within("the record")).ShouldNotBeNull();
        Coordinator.Leaves.ShouldBeEmpty();
    }

    [Fact]
    public async Task StaticMember_DoesNotLeave_WhenItIsDisposed()
    {
        var consumer = Create(options => options.GroupInstanceId = "i");
        consumer.Subscribe("t");
        await PollUntilAsync(consumer, () => consumer.Assignment.Count == 4, "the assignment");
        await consumer.DisposeAsync();
        Coordinator.Leaves.ShouldBeEmpty();
        Coordinator.Joins.ShouldAllBe(join => join.GroupInstanceId == "i" && !join.RequiresKnownMemberId);
    }

    [Fact]
    public async Task Pause_Lasts_WhenThePartitionIsKeptAcrossARebalance()
    {
        await using var consumer = Create();
        consumer.Subscribe("t");
        await PollUntilAsync(consumer, () => consumer.Assignment.Count == 4, "the assignment");
        consumer.Pause(T(1));
        Coordinator.Rebalance();
        await PollAllUntilAsync(() => consumer.GroupMetadata!.GenerationId == 2 && consumer.Assignment.Count == 4, "the rebalance", consumer);
        consumer.IsPaused(T(1)).ShouldBeTrue();
        consumer.IsPaused(T(0)).ShouldBeFalse();
    }

    [Fact]
    public async Task Listener_MaySeek_WhenPartitionsAreAssigned()
    {
        Cluster["t", 0].AppendValues("a", "b", "c");
        await using var consumer = Create();
        var events = new Events();
        events.On = what =>
        {
            consumer.Seek(T(0), OffsetSpec.At(2));
            return Task.CompletedTask;
        };
        consumer.Subscribe(["t"], events);
        (await PollUntilAsync(consumer, () => consumer.Assignment.Count == 4 && consumer.Position(T(0)) == 3, "the record")).ShouldHaveSingleItem().Value.ShouldBe("c");
    }

    [Fact]
    public async Task Listener_FailureIsThrown_AfterTheRebalance()
    {
        await using var consumer = Create();
        var events = new Events { On = _ => throw new InvalidOperationException("mine") };
        consumer.Subscribe(["t"], events);
        (await Should.ThrowAsync<InvalidOperationException>(() => PollUntilAsync(consumer, () => false, "the failure"))).Message.ShouldBe("mine");
        consumer.Assignment.Count.ShouldBe(4);
        events.On = _ => Task.CompletedTask;
        await consumer.PollAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task Dispose_EndsEverything_ThoughTheListenerFails()
    {
        var consumer = Create();
        var events = new Events { On = what => what == "revoked" ? throw new InvalidOperationException("mine") : Task.CompletedTask };
        consumer.Subscribe(["t"], events);
        await PollUntilAsync(consumer, () => consumer.Assignment.Count == 4, "the assignment");

        (await Should.ThrowAsync<InvalidOperationException>(async () => await consumer.DisposeAsync())).Message.ShouldBe("mine");

        Coordinator.MemberIds.ShouldBeEmpty();
        await Should.ThrowAsync<ObjectDisposedException>(async () => await consumer.PollAsync(TimeSpan.Zero));
        Time.ArmedTimers.ShouldBe(0, "neither heartbeats nor commits go on");
    }

    [Fact]
    public async Task Dispose_GivesUpLeaving_WhenThereIsNoCoordinator()
    {
        var consumer = Create(options => options.EnableAutoCommit = false);
        consumer.Subscribe("t");
        await PollUntilAsync(consumer, () => consumer.Assignment.Count == 4, "the assignment");
        var asked = new TaskCompletionSource();
        Cluster.OnFindCoordinator = () =>
        {
            asked.TrySetResult();
            return new TaskCompletionSource().Task;
        };
        Cluster.CoordinatorBroker = 2;
        await Time.AdvanceUntilAsync(asked.Task, TimeSpan.FromMilliseconds(500), "looking for the coordinator");

        var disposal = consumer.DisposeAsync().AsTask();
        var started = Time.GetTimestamp();
        await Time.AdvanceUntilAsync(disposal, TimeSpan.FromMilliseconds(500), "the end");
        Time.GetElapsedTime(started).ShouldBeLessThan(TimeSpan.FromSeconds(15), "the request time-out of 30 s does not count");
    }

    [Fact]
    public async Task Unsubscribe_LeavesTheGroup_AndFreesTheConsumerForAssign()
    {
        var events = new Events();
        await using var consumer = Create();
        consumer.Subscribe(["t"], events);
        await PollUntilAsync(consumer, () => consumer.Assignment.Count == 4, "the assignment");
        await consumer.UnsubscribeAsync();
        Coordinator.MemberIds.ShouldBeEmpty();
        events.Log.Last().ShouldBe("revoked t-0 t-1 t-2 t-3");
        consumer.Assign(new TopicPartitionOffset(T(0), OffsetSpec.Earliest));
        consumer.Assignment.ShouldBe([T(0)]);
    }

    private static void Use(ConsumerOptions options, bool cooperative)
        => options.Assignors = cooperative ? [PartitionAssignors.CooperativeSticky] : [PartitionAssignors.Range];
}
