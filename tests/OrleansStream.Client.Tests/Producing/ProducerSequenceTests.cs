using Orleans.Runtime;

namespace OrleansStream.Client.Tests.Producing;

/// <summary>Sequence numbers, and what happens when leader and producer disagree on them (KIP-98, KIP-360).</summary>
public sealed class ProducerSequenceTests : IAsyncDisposable
{
    private readonly FakeCluster _cluster = new FakeCluster().AddTopic("t", 2);
    private readonly OrleansStreamClient _client;

    public ProducerSequenceTests() => _client = _cluster.Connect();

    public ValueTask DisposeAsync() => _client.DisposeAsync();

    [Fact]
    public async Task ProduceAsync_CountsRecordsPerPartition_WhenIdempotent()
    {
        await using var producer = Create();
        for (var i = 0; i < 3; i++)
        {
            await producer.ProduceAsync("t", new Message<Null, string>(null, "x") { Partition = 0 }).Within("a delivery");
        }

        await producer.ProduceAsync("t", new Message<Null, string>(null, "x") { Partition = 1 }).Within("a delivery");

        _cluster["t", 0].Headers().Select(header => header.BaseSequence).ShouldBe([0, 1, 2]);
        _cluster["t", 1].Headers().ShouldHaveSingleItem().BaseSequence.ShouldBe(0);
        _cluster["t", 1].Headers()[0].ProducerId.ShouldBe(_cluster["t", 0].Headers()[0].ProducerId);
        _cluster.InitProducerIds.Count.ShouldBe(1);
    }

    [Fact]
    public async Task ProduceAsync_HasNoProducerId_WhenIdempotenceIsOff()
    {
        await using var producer = Create(options => options.EnableIdempotence = false);

        await producer.ProduceAsync("t", null, "x").Within("the delivery");

        _cluster.InitProducerIds.ShouldBeEmpty();
        _cluster.Produces.ShouldHaveSingleItem().Header.ProducerId.ShouldBe(-1);
    }

    [Fact]
    public async Task ProduceAsync_GoesOnUnderANewEpoch_WhenTheLeaderForgotTheProducer()
    {
        await using var producer = Create();
        await producer.ProduceAsync("t", new Message<Null, string>(null, "a") { Partition = 0 }).Within("a delivery");
        _cluster["t"].ForgetProducers();

        await producer.ProduceAsync("t", new Message<Null, string>(null, "b") { Partition = 0 }).Within("a delivery");
        await producer.ProduceAsync("t", new Message<Null, string>(null, "c") { Partition = 0 }).Within("a delivery");

        _cluster["t"].Values().ShouldBe(["a", "b", "c"]);
        _cluster["t"].Headers().Select(header => (header.ProducerEpoch, header.BaseSequence)).ShouldBe([((short)0, 0), ((short)1, 0), ((short)1, 1)]);
    }

    [Fact]
    public async Task ProduceAsync_TakesANewProducerId_WhenItsEpochIsOld()
    {
        var failed = false;
        _cluster.OnProduce = produce =>
        {
            var fail = !failed;
            failed = true;
            return Task.FromResult(fail ? produce.Answer(ErrorCode.InvalidProducerEpoch) : produce.Append());
        };
        await using var producer = Create();

        await producer.ProduceAsync("t", null, "a").Within("the delivery");

        _cluster.InitProducerIds.Count.ShouldBe(2);
        _cluster.Produces.Select(produce => produce.Header.ProducerId).Distinct().Count().ShouldBe(2);
    }

    [Fact]
    public async Task ProduceAsync_FailsClearly_WhenTheLeaderRefusesEveryEpoch()
    {
        _cluster.OnProduce = produce => Task.FromResult(produce.Answer(ErrorCode.OutOfOrderSequenceNumber));
        await using var producer = Create();

        var exception = await Should.ThrowAsync<ProduceException>(producer.ProduceAsync("t", null, "a").Within("the failure"));

        exception.Error.ShouldBe(ErrorCode.OutOfOrderSequenceNumber);
        _cluster.Produces.Count.ShouldBe(6);
    }

    [Fact]
    public async Task ProduceAsync_CountsAsDelivered_WhenTheLeaderCallsItADuplicate()
    {
        _cluster.OnProduce = produce => Task.FromResult(produce.Answer(ErrorCode.DuplicateSequenceNumber));
        await using var producer = Create();

        (await producer.ProduceAsync("t", null, "a").Within("the delivery")).Offset.ShouldBe(-1);
    }

    [Fact]
    public async Task SendAsync_DeliversTheRest_WhenABatchInTheMiddleIsRefusedForGood()
    {
        await using var producer = Create(options => options.BatchSize = 1024);
        await producer.ProduceAsync("t", new Message<Null, string>(null, "first") { Partition = 0 }).Within("the first record, which makes the leader know the producer");
        var release = new TaskCompletionSource();
        var arrived = 0;
        _cluster.OnProduce = async produce =>
        {
            if (Interlocked.Increment(ref arrived) <= 5)
            {
                await release.Task;
            }

            return produce.Header.BaseSequence == 2 && produce.Header.ProducerEpoch == 0 ? produce.Answer(ErrorCode.InvalidRecord) : produce.Append();
        };
        var failed = 0;
        var values = Enumerable.Range(0, 8).Select(i => $"{i}{new string('x', 900)}").ToArray();
        foreach (var value in values)
        {
            await producer.SendAsync(
                "t",
                new Message<Null, string>(null, value) { Partition = 0 },
                (in DeliveryReport report) => Interlocked.Add(ref failed, report.IsDelivered ? 0 : 1));
        }

        await Expect.Until(() => Volatile.Read(ref arrived) == 5, "five batches in flight");
        release.SetResult();
        await producer.FlushAsync().Within("the flush");

        failed.ShouldBe(1);
        _cluster["t"].Values().ShouldBe(["first", .. values.Where((_, i) => i != 1)]);
        _cluster["t"].Headers()[^1].ProducerEpoch.ShouldBe((short)1, "the gap is closed by a new epoch");
    }

    [Fact]
    public async Task SendAsync_LetsNoMoreBatchesPassThanTheLeaderRemembers_WhenARepeatedOneIsSlow()
    {
        await using var producer = Create(options => options.BatchSize = 1024);
        await producer.ProduceAsync("t", new Message<Null, string>(null, "first") { Partition = 0 }).Within("the first record, which makes the leader know the producer");
        var releaseRepeat = new TaskCompletionSource();
        var arrivals = 0;
        _cluster.OnProduce = async produce =>
        {
            var isSlowBatch = produce.Header.BaseSequence == 1 && produce.Header.ProducerEpoch == 0;
            if (isSlowBatch && Interlocked.Increment(ref arrivals) == 1)
            {
                produce.Append();
                throw new SiloUnavailableException("stored, but the answer is lost");
            }

            if (isSlowBatch)
            {
                await releaseRepeat.Task;
            }

            return produce.Append();
        };
        var values = Enumerable.Range(0, 20).Select(i => $"{i}{new string('x', 900)}").ToArray();
        foreach (var value in values)
        {
            await producer.SendAsync("t", new Message<Null, string>(null, value) { Partition = 0 });
        }

        await Expect.Until(() => _cluster["t"].Values().Length == 6, "the slow batch and four that pass it");
        await Expect.OthersRun();
        _cluster["t"].Values().Length.ShouldBe(6);
        releaseRepeat.SetResult();
        await producer.FlushAsync().Within("the flush");

        _cluster["t"].Values().ShouldBe(["first", .. values]);
    }

    [Fact]
    public async Task SendAsync_HasOneBatchUnderWay_UntilTheLeaderKnowsTheProducer()
    {
        var release = new TaskCompletionSource();
        _cluster.OnProduce = async produce =>
        {
            await release.Task;
            return produce.Append();
        };
        await using var producer = Create(options => options.BatchSize = 1024);
        var values = Enumerable.Range(0, 20).Select(i => $"{i}{new string('x', 900)}").ToArray();
        foreach (var value in values)
        {
            await producer.SendAsync("t", new Message<Null, string>(null, value) { Partition = 0 });
        }

        await Expect.Until(() => !_cluster.Produces.IsEmpty, "the first batch");
        await Expect.OthersRun();
        _cluster.Produces.Count.ShouldBe(1, "a leader takes any sequence for the first of a producer that it does not know");
        release.SetResult();
        await producer.FlushAsync().Within("the flush");

        _cluster["t"].Values().ShouldBe(values);
    }

    [Fact]
    public async Task ProduceAsync_KeepsOrder_WhenBatchesAreSplitWhileOthersAreUnderWay()
    {
        _cluster["t"].MaxBatchBytes = 2_000;
        _cluster.OnProduce = async produce =>
        {
            await Task.Yield();
            return produce.Append();
        };
        for (var round = 1; round <= 20; round++)
        {
            await using var producer = Create();
            var start = _cluster["t"].EndOffset;
            var values = Enumerable.Range(0, 100).Select(i => $"{i}{new string('x', 500)}").ToArray();
            var deliveries = values.Select(value => producer.ProduceAsync("t", new Message<Null, string>(null, value) { Partition = 0 }).AsTask()).ToArray();

            var results = await Task.WhenAll(deliveries).Within("the deliveries");

            _cluster["t"].Values()[(int)start..].ShouldBe(values, $"round {round}");
            results.Select(result => result.Offset - start).ShouldBe(Enumerable.Range(0, 100).Select(i => (long)i), $"round {round}");
        }
    }

    [Fact]
    public async Task SendAsync_SplitsBatches_WhenTheTopicAllowsLess()
    {
        _cluster["t"].MaxBatchBytes = 5_000;
        await using var producer = Create(options => options.LingerMs = 20);
        var values = Enumerable.Range(0, 400).Select(i => $"{i}{new string('x', 200)}").ToArray();
        var deliveries = values.Select(value => producer.ProduceAsync("t", new Message<Null, string>(null, value) { Partition = 0 }).AsTask()).ToArray();

        var results = await Task.WhenAll(deliveries).Within("the deliveries");

        results.Select(result => result.Offset).ShouldBe(Enumerable.Range(0, 400).Select(i => (long)i));
        _cluster["t"].Values().ShouldBe(values);
    }

    [Fact]
    public async Task ProduceAsync_FailsWithItsSize_WhenTheTopicRefusesASingleRecord()
    {
        _cluster["t"].MaxBatchBytes = 500;
        await using var producer = Create();

        var exception = await Should.ThrowAsync<RecordTooLargeException>(
            producer.ProduceAsync("t", new Message<Null, string>(null, new string('x', 1000)) { Partition = 0 }).Within("the failure"));

        exception.SizeBytes.ShouldBeGreaterThan(1000);
        exception.Message.ShouldContain("max.message.bytes");
    }

    [Fact]
    public async Task SendAsync_StoresNothingTwice_WhenAnExpiredBatchWasStoredAfterAll()
    {
        var time = new ManualTime();
        await using var client = _cluster.Connect(time);
        var hang = new TaskCompletionSource<OrleansStream.Abstractions.PartitionProduceResponse>();
        _cluster.OnProduce = produce =>
        {
            var answer = produce.Append();
            return _cluster.Produces.Count == 1 ? hang.Task : Task.FromResult(answer);
        };
        await using var producer = client.CreateProducer<Null, string>(options =>
        {
            options.DeliveryTimeout = TimeSpan.FromSeconds(10);
            options.DisposeTimeout = TimeSpan.Zero;
        });
        var lost = producer.ProduceAsync("t", new Message<Null, string>(null, "a") { Partition = 0 }).AsTask();
        await Expect.Until(() => _cluster.Produces.Count == 1, "the first request");
        await time.AdvanceUntilAsync(lost, TimeSpan.FromSeconds(1), "the delivery time-out");
        (await Should.ThrowAsync<ProduceException>(lost)).IsOutcomeUnknown.ShouldBeTrue();

        var next = producer.ProduceAsync("t", new Message<Null, string>(null, "b") { Partition = 0 }).AsTask();
        await time.AdvanceUntilAsync(next, TimeSpan.FromMilliseconds(10), "the next delivery");

        _cluster["t"].Values().ShouldBe(["a", "b"]);
        _cluster["t"].Headers()[1].ProducerEpoch.ShouldBe((short)0, "the leader has the expired batch, so the sequence goes on");
    }

    [Fact]
    public async Task SendAsync_GoesOnUnderANewEpoch_WhenAnExpiredBatchNeverArrived()
    {
        var time = new ManualTime();
        await using var client = _cluster.Connect(time);
        _cluster.OnProduce = produce => _cluster.Produces.Count == 1
            ? new TaskCompletionSource<OrleansStream.Abstractions.PartitionProduceResponse>().Task
            : Task.FromResult(produce.Append());
        await using var producer = client.CreateProducer<Null, string>(options => options.DeliveryTimeout = TimeSpan.FromSeconds(10));
        await producerWarmUp();
        var lost = producer.ProduceAsync("t", new Message<Null, string>(null, "a") { Partition = 0 }).AsTask();
        await Expect.Until(() => _cluster.Produces.Count == 1, "the first request");
        await time.AdvanceUntilAsync(lost, TimeSpan.FromSeconds(1), "the delivery time-out");
        (await Should.ThrowAsync<ProduceException>(lost)).Message.ShouldContain("DeliveryTimeout = 00:00:10");

        var next = producer.ProduceAsync("t", new Message<Null, string>(null, "b") { Partition = 0 }).AsTask();
        await time.AdvanceUntilAsync(next, TimeSpan.FromMilliseconds(10), "the next delivery");

        _cluster["t"].Values().ShouldBe(["b"]);

        async Task producerWarmUp() => (await producer.GetPartitionCountAsync("t")).ShouldBe(2);
    }

    [Fact]
    public async Task ProduceAsync_TriesAgain_WhenNoProducerIdCanBeHadAtFirst()
    {
        var failures = 3;
        _cluster.OnMetadata = request => request.Topics is ["t"] && Interlocked.Decrement(ref failures) >= 0 ? new SiloUnavailableException("away") : null;
        await using var producer = Create();

        (await producer.ProduceAsync("t", null, "a").Within("the delivery")).Offset.ShouldBe(0);
    }

    private IProducer<Null, string> Create(Action<ProducerOptions<Null, string>>? configure = null)
        => _client.CreateProducer<Null, string>(options =>
        {
            options.RetryBackoff = TimeSpan.FromMilliseconds(1);
            options.RetryBackoffMax = TimeSpan.FromMilliseconds(4);
            configure?.Invoke(options);
        });
}
