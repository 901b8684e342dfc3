namespace OrleansStream.Client.Tests.Producing;

/// <summary>Batching, lingering, the buffer's bound, flushing and disposing.</summary>
public sealed class ProducerBufferTests
{
    private readonly FakeCluster _cluster = new FakeCluster().AddTopic("t", 2);
    private readonly ManualTime _time = new();
    private readonly TaskCompletionSource _release = new();

    [Fact]
    public async Task SendAsync_SendsAtOnce_WhenNothingLingers()
    {
        await using var client = _cluster.Connect(_time);
        await using var producer = client.CreateProducer<Null, string>();

        (await producer.ProduceAsync("t", null, "a").Within("the delivery without moving the clock")).Offset.ShouldBe(0);
    }

    [Fact]
    public async Task SendAsync_CollectsOneBatch_WhenItLingers()
    {
        await using var client = _cluster.Connect(_time);
        await using var producer = client.CreateProducer<Null, string>(options => options.LingerMs = 50);
        await producer.GetPartitionCountAsync("t");
        var deliveries = Task.WhenAll(Enumerable.Range(0, 10).Select(i => producer.ProduceAsync("t", new Message<Null, string>(null, $"{i}") { Partition = 0 }).AsTask()));
        _time.Advance(TimeSpan.FromMilliseconds(49));
        _cluster.Produces.ShouldBeEmpty();

        _time.Advance(TimeSpan.FromMilliseconds(1));
        await deliveries.Within("the delivery after the linger");

        _cluster["t"].BatchRecordCounts.ShouldBe([10]);
    }

    [Fact]
    public async Task SendAsync_DoesNotLinger_WhenTheBatchIsFull()
    {
        await using var client = _cluster.Connect(_time);
        await using var producer = client.CreateProducer<Null, string>(options =>
        {
            options.LingerMs = 3_600_000;
            options.DeliveryTimeout = TimeSpan.FromDays(1);
            options.BatchSize = 1024;
        });
        for (var i = 0; i < 3; i++)
        {
            await producer.SendAsync("t", new Message<Null, string>(null, new string('x', 500)) { Partition = 0 });
        }

        await Expect.Until(() => _cluster["t"].BatchRecordCounts.Count == 2, "the two full batches");
        await producer.FlushAsync().Within("the flush of the rest");

        _cluster["t"].BatchRecordCounts.Sum().ShouldBe(3);
    }

    [Fact]
    public async Task SendAsync_HasAtMostSoManyInFlight_WhenAnswersStayAway()
    {
        await using var client = _cluster.Connect();
        await using var producer = client.CreateProducer<Null, string>(options =>
        {
            options.BatchSize = 1024;
            options.MaxInFlightPerPartition = 3;
        });
        await producer.ProduceAsync("t", new Message<Null, string>(null, "first") { Partition = 0 }).Within("the first record, which makes the leader know the producer");
        HoldAnswers();
        for (var i = 0; i < 20; i++)
        {
            await producer.SendAsync("t", new Message<Null, string>(null, new string('x', 900)) { Partition = 0 });
        }

        await Expect.Until(() => _cluster.Produces.Count == 4, "three in flight");
        await Task.Yield();
        _cluster.Produces.Count.ShouldBe(4);
        _release.SetResult();
        await producer.FlushAsync().Within("the flush");
        _cluster["t"].Values().Length.ShouldBe(21);
    }

    [Fact]
    public async Task SendAsync_WaitsForRoom_WhenTheBufferIsFull()
    {
        HoldAnswers();
        await using var client = _cluster.Connect();
        await using var producer = client.CreateProducer<Null, byte[]>(options =>
        {
            options.BatchSize = 16 * 1024;
            options.MaxRecordBytes = 16 * 1024;
            options.MaxBufferBytes = 64 * 1024;
        });
        var accepted = 0;
        var sending = Task.Run(async () =>
        {
            for (var i = 0; i < 100; i++)
            {
                await producer.SendAsync("t", new Message<Null, byte[]>(null, new byte[8000]) { Partition = 0 });
                Interlocked.Increment(ref accepted);
            }
        });
        await Expect.Until(() => Volatile.Read(ref accepted) >= 4, "some to be buffered");
        sending.IsCompleted.ShouldBeFalse("64 KiB do not hold 800 KB");
        Volatile.Read(ref accepted).ShouldBeLessThan(9);

        _release.SetResult();
        await sending.Within("the rest to be buffered");
        await producer.FlushAsync().Within("the flush");

        _cluster["t"].BatchRecordCounts.Sum().ShouldBe(100);
    }

    [Fact]
    public async Task SendAsync_SaysHowFullTheBufferIs_WhenNoRoomComesInTime()
    {
        HoldAnswers();
        await using var client = _cluster.Connect(_time);
        await using var producer = client.CreateProducer<Null, byte[]>(options =>
        {
            options.BatchSize = 16 * 1024;
            options.MaxRecordBytes = 16 * 1024;
            options.MaxBufferBytes = 16 * 1024;
            options.MaxBlock = TimeSpan.FromSeconds(3);
        });
        await producer.SendAsync("t", new Message<Null, byte[]>(null, new byte[10_000]) { Partition = 0 });

        var waiting = producer.SendAsync("t", new Message<Null, byte[]>(null, new byte[10_000]) { Partition = 1 }).AsTask();
        await _time.AdvanceUntilAsync(waiting, TimeSpan.FromMilliseconds(100), "giving up");

        var exception = await Should.ThrowAsync<ProduceException>(waiting);
        exception.Error.ShouldBe(ErrorCode.RequestTimedOut);
        exception.Message.ShouldContain("MaxBlock = 00:00:03");
        exception.Message.ShouldContain("16384 of MaxBufferBytes = 16384");
        _release.SetResult();
    }

    [Fact]
    public async Task SendAsync_IsCancelled_WhileItWaitsForRoom()
    {
        HoldAnswers();
        await using var client = _cluster.Connect();
        await using var producer = client.CreateProducer<Null, byte[]>(options =>
        {
            options.BatchSize = 16 * 1024;
            options.MaxRecordBytes = 16 * 1024;
            options.MaxBufferBytes = 16 * 1024;
        });
        using var cancellation = new CancellationTokenSource();
        await producer.SendAsync("t", new Message<Null, byte[]>(null, new byte[10_000]) { Partition = 0 });
        var waiting = producer.SendAsync("t", new Message<Null, byte[]>(null, new byte[10_000]) { Partition = 1 }, cancellationToken: cancellation.Token).AsTask();

        await cancellation.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(waiting.Within("the cancellation"));
        _release.SetResult();
        await producer.FlushAsync().Within("the flush");
        _cluster["t", 1].Values().ShouldBeEmpty();
    }

    [Fact]
    public async Task ProduceAsync_StopsWaitingButIsStored_WhenItIsCancelledInFlight()
    {
        HoldAnswers();
        await using var client = _cluster.Connect();
        await using var producer = client.CreateProducer<Null, string>();
        using var cancellation = new CancellationTokenSource();
        var delivery = producer.ProduceAsync("t", new Message<Null, string>(null, "x") { Partition = 0 }, cancellation.Token).AsTask();
        await Expect.Until(() => !_cluster.Produces.IsEmpty, "the request");

        await cancellation.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(delivery.Within("the cancellation"));
        _release.SetResult();
        await producer.FlushAsync().Within("the flush");
        _cluster["t"].Values().ShouldBe(["x"]);
    }

    [Fact]
    public async Task FlushAsync_ThrowsOnceWithTheCount_WhenUntrackedRecordsFailed()
    {
        _cluster.OnProduce = produce => Task.FromResult(produce.Answer(ErrorCode.TopicAuthorizationFailed));
        var reported = 0;
        await using var client = _cluster.Connect();
        await using var producer = client.CreateProducer<Null, string>(options => options.OnDeliveryFailed = (in DeliveryReport report) =>
        {
            report.Error!.Error.ShouldBe(ErrorCode.TopicAuthorizationFailed);
            reported++;
        });
        for (var i = 0; i < 7; i++)
        {
            await producer.SendAsync("t", null, $"{i}");
        }

        var exception = await Should.ThrowAsync<FlushException>(producer.FlushAsync().Within("the flush"));

        exception.FailedCount.ShouldBe(7);
        exception.FirstFailure.Error.ShouldBe(ErrorCode.TopicAuthorizationFailed);
        reported.ShouldBe(7);
        await producer.FlushAsync().Within("the second flush");
    }

    [Fact]
    public async Task DisposeAsync_DeliversWhatIsBuffered()
    {
        await using var client = _cluster.Connect();
        var producer = client.CreateProducer<Null, string>(options => options.LingerMs = 10_000);
        for (var i = 0; i < 100; i++)
        {
            await producer.SendAsync("t", new Message<Null, string>(null, $"{i}") { Partition = 0 });
        }

        await producer.DisposeAsync().Within("disposing");

        _cluster["t"].Values().Length.ShouldBe(100);
        await Should.ThrowAsync<ObjectDisposedException>(async () => await producer.SendAsync("t", null, "late"));
    }

    [Fact]
    public async Task DisposeAsync_FailsWhatIsLeft_WhenNoBrokerAnswersInTime()
    {
        HoldAnswers();
        await using var client = _cluster.Connect(_time);
        var producer = client.CreateProducer<Null, string>(options =>
        {
            options.MaxInFlightPerPartition = 1;
            options.DisposeTimeout = TimeSpan.FromSeconds(5);
        });
        var inFlight = producer.ProduceAsync("t", new Message<Null, string>(null, "a") { Partition = 0 }).AsTask();
        await Expect.Until(() => !_cluster.Produces.IsEmpty, "the request");
        var waiting = producer.ProduceAsync("t", new Message<Null, string>(null, "b") { Partition = 0 }).AsTask();

        await _time.AdvanceUntilAsync(producer.DisposeAsync().AsTask(), TimeSpan.FromSeconds(1), "disposing");

        var exception = await Should.ThrowAsync<ProduceException>(waiting.Within("the failure of what was waiting"));
        exception.Message.ShouldContain("disposed");
        exception.IsOutcomeUnknown.ShouldBeFalse();
        _release.SetResult();
        await inFlight.Within("what was under way");
    }

    private void HoldAnswers() => _cluster.OnProduce = async produce =>
    {
        await _release.Task;
        return produce.Append();
    };
}
