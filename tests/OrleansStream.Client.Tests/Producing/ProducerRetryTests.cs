using Orleans.Runtime;
using OrleansStream.Abstractions;

namespace OrleansStream.Client.Tests.Producing;

public sealed class ProducerRetryTests : IAsyncDisposable
{
    private readonly FakeCluster _cluster = new FakeCluster().AddTopic("t", 4);
    private readonly OrleansStreamClient _client;

    public ProducerRetryTests() => _client = _cluster.Connect();

    public ValueTask DisposeAsync() => _client.DisposeAsync();

    [Theory]
    [InlineData(ErrorCode.CorruptMessage)]
    [InlineData(ErrorCode.UnknownTopicOrPartition)]
    [InlineData(ErrorCode.LeaderNotAvailable)]
    [InlineData(ErrorCode.NotLeaderOrFollower)]
    [InlineData(ErrorCode.RequestTimedOut)]
    [InlineData(ErrorCode.BrokerNotAvailable)]
    [InlineData(ErrorCode.NetworkException)]
    [InlineData(ErrorCode.NotEnoughReplicas)]
    [InlineData(ErrorCode.NotEnoughReplicasAfterAppend)]
    [InlineData(ErrorCode.KafkaStorageError)]
    [InlineData(ErrorCode.FencedLeaderEpoch)]
    [InlineData(ErrorCode.ThrottlingQuotaExceeded)]
    public async Task ProduceAsync_SendsTheSameBytesAgain_WhenTheErrorIsRetriable(ErrorCode error)
    {
        FailOnce(produce => Task.FromResult(produce.Answer(error)));
        await using var producer = Create();

        var result = await producer.ProduceAsync("t", new Message<Null, string>(null, "x") { Partition = 1 }).Within("the delivery");

        result.Offset.ShouldBe(0);
        _cluster["t", 1].Values().ShouldBe(["x"]);
        var produces = _cluster.Produces.ToArray();
        produces.Length.ShouldBe(2);
        produces[1].Bytes.ShouldBe(produces[0].Bytes);
        if (error.InvalidatesMetadata())
        {
            _cluster.MetadataRequests.Count.ShouldBeGreaterThan(1, "the leader is asked for again");
        }
    }

    [Theory]
    [InlineData(ErrorCode.TopicAuthorizationFailed)]
    [InlineData(ErrorCode.InvalidRecord)]
    [InlineData(ErrorCode.InvalidTimestamp)]
    [InlineData(ErrorCode.InvalidRequiredAcks)]
    [InlineData(ErrorCode.UnknownServerError)]
    [InlineData(ErrorCode.ProducerFenced)]
    public async Task ProduceAsync_FailsWithTheBrokersWords_WhenTheErrorIsFinal(ErrorCode error)
    {
        FailOnce(produce => Task.FromResult(produce.Answer(error)));
        await using var producer = Create();

        var exception = await Should.ThrowAsync<ProduceException>(producer.ProduceAsync("t", null, "x").Within("the failure"));

        exception.Error.ShouldBe(error);
        exception.IsOutcomeUnknown.ShouldBeFalse();
        exception.Message.ShouldContain($"scripted {error}");
        (await producer.ProduceAsync("t", null, "y").Within("the next delivery")).Offset.ShouldBe(0);
        _cluster.Produces.Count.ShouldBe(2, "the sequence of the refused batch is used again, so nothing is refused for it");
    }

    [Theory]
    [InlineData("timeout")]
    [InlineData("silo")]
    [InlineData("orleans")]
    [InlineData("io")]
    public async Task ProduceAsync_StoresTheRecordOnce_WhenTheAnswerIsLost(string failure)
    {
        FailOnce(produce =>
        {
            produce.Append();
            throw failure switch
            {
                "timeout" => new TimeoutException(),
                "silo" => new SiloUnavailableException("gone"),
                "orleans" => new OrleansException("rejected"),
                _ => new IOException("reset"),
            };
        });
        await using var producer = Create();

        var result = await producer.ProduceAsync("t", new Message<Null, string>(null, "x") { Partition = 0 }).Within("the delivery");

        result.Offset.ShouldBe(0);
        _cluster["t"].Values().ShouldBe(["x"]);
        _cluster.Produces.Count.ShouldBe(2);
    }

    [Fact]
    public async Task ProduceAsync_GoesToTheNewLeader_WhenLeadershipMoved()
    {
        await using var producer = Create();
        await producer.ProduceAsync("t", new Message<Null, string>(null, "a") { Partition = 0 }).Within("the first delivery");
        _cluster["t"].Leader = 2;
        _cluster["t"].LeaderEpoch = 1;

        await producer.ProduceAsync("t", new Message<Null, string>(null, "b") { Partition = 0 }).Within("the second delivery");

        _cluster.Produces.Select(produce => produce.BrokerId).ShouldBe([1, 1, 2]);
        _cluster["t"].Values().ShouldBe(["a", "b"]);
    }

    [Fact]
    public async Task ProduceAsync_GoesToTheNewLeader_WhenTheOldOneIsSilent()
    {
        // Cut off from the rest, the old leader takes the batch and never gets it acknowledged.
        var time = new ManualTime();
        await using var client = _cluster.Connect(time);
        await using var producer = client.CreateProducer<Null, string>();
        await producer.ProduceAsync("t", new Message<Null, string>(null, "a") { Partition = 0 }).Within("the first delivery");
        _cluster.OnProduce = produce => produce.BrokerId == 1
            ? new TaskCompletionSource<PartitionProduceResponse>().Task
            : Task.FromResult(produce.Append());
        var delivery = producer.ProduceAsync("t", new Message<Null, string>(null, "b") { Partition = 0 }).AsTask();
        await Expect.Until(() => _cluster.Produces.Count == 2, "the batch is with the old leader");
        _cluster["t"].Leader = 2;
        _cluster["t"].LeaderEpoch = 1;
        var sent = time.GetUtcNow();

        await time.AdvanceUntilAsync(delivery, TimeSpan.FromMilliseconds(250), "the delivery through the new leader");

        (await delivery).Offset.ShouldBe(1);
        (time.GetUtcNow() - sent).ShouldBeLessThan(TimeSpan.FromSeconds(10), "long before the attempt's time-out");
        _cluster["t"].Values().ShouldBe(["a", "b"]);
    }

    [Fact]
    public async Task ProduceAsync_WaitsForALeader_WhenThereIsNone()
    {
        _cluster["t"].Leader = -1;
        await using var producer = Create();
        var delivery = producer.ProduceAsync("t", new Message<Null, string>(null, "a") { Partition = 0 }).AsTask();
        await Expect.Until(() => _cluster.MetadataRequests.Count > 3, "asking for the leader again");

        _cluster["t"].Leader = 1;

        (await delivery.Within("the delivery")).Offset.ShouldBe(0);
    }

    [Fact]
    public async Task SendAsync_KeepsOrderWithoutDuplicates_WhenTheFirstOfSeveralInFlightIsLost()
    {
        await using var producer = Create(options => options.BatchSize = 1024);
        await producer.ProduceAsync("t", new Message<Null, string>(null, "first") { Partition = 0 }).Within("the first record, which makes the leader know the producer");
        var release = new TaskCompletionSource();
        var arrived = 0;
        _cluster.OnProduce = async produce =>
        {
            var place = Interlocked.Increment(ref arrived);
            if (place == 1)
            {
                await release.Task;
                throw new SiloUnavailableException("the first is lost");
            }

            return produce.Append();
        };
        var values = Enumerable.Range(0, 60).Select(i => $"{i:D3}{new string('x', 100)}").ToArray();
        foreach (var value in values)
        {
            await producer.SendAsync("t", new Message<Null, string>(null, value) { Partition = 0 });
        }

        await Expect.Until(() => Volatile.Read(ref arrived) >= 2, "a batch behind the first");
        release.SetResult();
        await producer.FlushAsync().Within("the flush");

        _cluster["t"].Values().ShouldBe(["first", .. values]);
    }

    [Theory]
    [InlineData(1, 0.2, CompressionType.None)]
    [InlineData(2, 0.5, CompressionType.None)]
    [InlineData(3, 0.8, CompressionType.None)]
    [InlineData(4, 0.5, CompressionType.Gzip)]
    public async Task SendAsync_DeliversEverythingOnceInOrder_WhenRequestsFailAtRandom(int seed, double rate, CompressionType compression)
    {
        var broker = new FaultyBroker(seed, rate);
        _cluster.OnProduce = broker.ProduceAsync;
        await using var producer = Create(options =>
        {
            options.BatchSize = 1024;
            options.MaxBufferBytes = 1024 * 1024;
            options.Compression = compression;
        });
        var sent = Enumerable.Range(0, 4).Select(_ => new List<string>()).ToArray();
        var delivered = 0;
        for (var i = 0; i < 4000; i++)
        {
            var partition = i % 4;
            var value = $"{i}-{new string('y', i % 50)}";
            sent[partition].Add(value);
            await producer.SendAsync(
                "t",
                new Message<Null, string>(null, value) { Partition = partition },
                (in DeliveryReport report) => Interlocked.Add(ref delivered, report.IsDelivered ? 1 : 0));
        }

        await producer.FlushAsync().Within("the flush");

        delivered.ShouldBe(4000);
        for (var partition = 0; partition < 4; partition++)
        {
            _cluster["t", partition].Values().SequenceEqual(sent[partition]).ShouldBeTrue($"partition {partition}, seed {seed}: {_cluster["t", partition].Values().Length} of {sent[partition].Count} records, or another order");
        }
    }

    private IProducer<Null, string> Create(Action<ProducerOptions<Null, string>>? configure = null)
        => _client.CreateProducer<Null, string>(options =>
        {
            options.RetryBackoff = TimeSpan.FromMilliseconds(1);
            options.RetryBackoffMax = TimeSpan.FromMilliseconds(4);
            configure?.Invoke(options);
        });

    private void FailOnce(Func<FakeProduce, Task<OrleansStream.Abstractions.PartitionProduceResponse>> fail)
    {
        var failed = 0;
        _cluster.OnProduce = produce => Interlocked.Exchange(ref failed, 1) == 0 ? fail(produce) : Task.FromResult(produce.Append());
    }
}
