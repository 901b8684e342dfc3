using OrleansStream.Protocol.Records;

namespace OrleansStream.Client.Tests.Producing;

public sealed class ProducerDeliveryTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly FakeCluster _cluster = new FakeCluster().AddTopic("orders", 3).AddTopic("audit");
    private readonly OrleansStreamClient _client;

    public ProducerDeliveryTests() => _client = _cluster.Connect();

    public ValueTask DisposeAsync() => _client.DisposeAsync();

    [Fact]
    public async Task ProduceAsync_ReturnsPartitionOffsetAndTimestamp_WhenDelivered()
    {
        await using var producer = _client.CreateProducer<string, string>();
        var timestamp = new DateTimeOffset(2026, 2, 3, 4, 5, 6, TimeSpan.Zero);

        var first = await producer.ProduceAsync("orders", new Message<string, string>("k", "a") { Timestamp = timestamp, Partition = 2 });
        var second = await producer.ProduceAsync("orders", new Message<string, string>("k", "b") { Timestamp = timestamp, Partition = 2 });

        first.ShouldBe(new DeliveryResult(new TopicPartition("orders", 2), 0, timestamp.ToUnixTimeMilliseconds()));
        second.Offset.ShouldBe(1);
        _cluster["orders", 2].Values().ShouldBe(["a", "b"]);
    }

    [Fact]
    public async Task ProduceAsync_ReturnsAppendTime_WhenTheTopicUsesIt()
    {
        _cluster["audit"].LogAppendTimeMs = 777;
        await using var producer = _client.CreateProducer<Null, string>();

        (await producer.ProduceAsync("audit", null, "x")).TimestampMs.ShouldBe(777);
    }

    [Fact]
    public async Task ProduceAsync_ReturnsNoOffset_WhenAcksIsNone()
    {
        await using var producer = _client.CreateProducer<Null, string>(options => options.Acks = Acks.None);

        (await producer.ProduceAsync("audit", null, "x")).Offset.ShouldBe(-1);
        _cluster.Produces.ShouldHaveSingleItem().Request.Acks.ShouldBe((short)0);
        _cluster.Produces.First().Header.ProducerId.ShouldBe(-1);
    }

    [Fact]
    public async Task ProduceAsync_GivesEachAwaiterItsOwnOffset_WhenManyShareABatch()
    {
        await using var producer = _client.CreateProducer<Null, string>();
        await producer.GetPartitionCountAsync("audit");
        var deliveries = Enumerable.Range(0, 5000).Select(i => producer.ProduceAsync("audit", null, $"{i}").AsTask()).ToArray();

        var results = await Task.WhenAll(deliveries).WaitAsync(Patience);

        results.Select(result => result.Offset).ShouldBe(Enumerable.Range(0, 5000).Select(i => (long)i));
        _cluster["audit"].Values().ShouldBe(Enumerable.Range(0, 5000).Select(i => $"{i}"));
        _cluster.Produces.Count.ShouldBeLessThan(4000, "records are batched while a batch is under way");
    }

    [Fact]
    public async Task SendAsync_CallsTheHandlerInOrder_WhenOneIsGiven()
    {
        await using var producer = _client.CreateProducer<Null, string>();
        var seen = new List<(long Offset, object? State)>();
        for (var i = 0; i < 100; i++)
        {
            await producer.SendAsync("audit", new Message<Null, string>(null, $"{i}"), (in DeliveryReport report) => seen.Add((report.Result.Offset, report.State)), i);
        }

        await producer.FlushAsync();

        seen.ShouldBe(Enumerable.Range(0, 100).Select(i => ((long)i, (object?)i)));
    }

    [Fact]
    public async Task SendAsync_CallsTheHandlerInOrder_WhenAnswersOvertakeEachOther()
    {
        await using var producer = _client.CreateProducer<Null, string>(options => options.BatchSize = 1024);
        await producer.ProduceAsync("audit", null, "first").Within("the first record, which makes the leader know the producer");
        var answers = new TaskCompletionSource[5];
        for (var i = 0; i < answers.Length; i++)
        {
            answers[i] = new TaskCompletionSource();
        }

        var allArrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var arrived = 0;
        _cluster.OnProduce = async produce =>
        {
            var response = produce.Append();
            var place = Interlocked.Increment(ref arrived) - 1;
            if (place < answers.Length)
            {
                if (place == answers.Length - 1)
                {
                    allArrived.SetResult();
                }

                await answers[place].Task;
            }

            return response;
        };
        var seen = new List<object?>();
        for (var i = 0; i < 100; i++)
        {
            await producer.SendAsync("audit", new Message<Null, string>(null, $"{i}{new string('x', 100)}"), (in DeliveryReport report) => seen.Add(report.State), i);
        }

        await allArrived.Task.Within("five batches under way");
        foreach (var answer in answers.Reverse())
        {
            answer.SetResult();
        }

        await producer.FlushAsync();

        seen.ShouldBe(Enumerable.Range(0, 100).Select(i => (object?)i));
    }

    [Fact]
    public async Task SendAsync_KeepsOtherReports_WhenAHandlerThrows()
    {
        await using var producer = _client.CreateProducer<Null, string>();
        var seen = 0;
        await producer.SendAsync("audit", new Message<Null, string>(null, "a"), (in DeliveryReport _) => throw new InvalidOperationException("mine"));
        await producer.SendAsync("audit", new Message<Null, string>(null, "b"), (in DeliveryReport _) => seen++);

        await producer.FlushAsync();

        seen.ShouldBe(1);
    }

    [Fact]
    public async Task FlushAsync_WaitsForTheHandler_WhenTheRecordIsStoredAlready()
    {
        await using var producer = _client.CreateProducer<Null, string>();
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var mayReturn = new ManualResetEventSlim();
        await producer.SendAsync("audit", new Message<Null, string>(null, "a"), (in DeliveryReport _) =>
        {
            entered.SetResult();
            mayReturn.Wait(Expect.Patience);
        });
        await entered.Task.Within("the handler's call");

        var flush = producer.FlushAsync().AsTask();
        flush.IsCompleted.ShouldBeFalse("the handler has not returned");
        mayReturn.Set();

        await flush.Within("the flush");
    }

    [Fact]
    public async Task ProduceAsync_WritesKeyValueHeadersAndNulls_AsGiven()
    {
        await using var producer = _client.CreateProducer<string, byte[]>();
        var headers = new Headers().Add("h", "1").Add("n", (string?)null).Add("h", new byte[] { 2 });

        await producer.ProduceAsync("audit", new Message<string, byte[]>("ké", null) { Headers = headers });
        await producer.ProduceAsync("audit", new Message<string, byte[]>(null, []));

        var stored = Read(_cluster["audit"]);
        stored[0].ShouldBe(("ké", null, "h=1,n=null,h=\u0002"));
        stored[1].ShouldBe((null, "", ""));
    }

    [Theory]
    [InlineData(CompressionType.Gzip)]
    [InlineData(CompressionType.Snappy)]
    public async Task ProduceAsync_CompressesTheBatch_WhenAskedTo(CompressionType compression)
    {
        await using var producer = _client.CreateProducer<Null, string>(options => options.Compression = compression);
        var value = new string('x', 10_000);

        await producer.ProduceAsync("audit", null, value);

        _cluster["audit"].Values().ShouldBe([value]);
        var header = _cluster["audit"].Headers().ShouldHaveSingleItem();
        header.CompressionType.ShouldBe(compression);
        header.TotalSize.ShouldBeLessThan(2000);
    }

    [Fact]
    public async Task ProduceAsync_FailsAtOnceWithSizeAndLimit_WhenTheRecordIsTooLarge()
    {
        await using var producer = _client.CreateProducer<Null, byte[]>(options => options.MaxRecordBytes = 1000);

        var exception = await Should.ThrowAsync<RecordTooLargeException>(async () => await producer.ProduceAsync("audit", null, new byte[1000]));
        await producer.ProduceAsync("audit", null, new byte[1000 - 61 - 9]);

        exception.LimitBytes.ShouldBe(1000);
        exception.SizeBytes.ShouldBeGreaterThan(1061);
        exception.Message.ShouldContain("1000");
        exception.Message.ShouldContain("max.message.bytes");
        _cluster.Produces.Count.ShouldBe(1);
    }

    [Fact]
    public async Task ProduceAsync_NamesTopicAndPartitions_WhenThePartitionDoesNotExist()
    {
        await using var producer = _client.CreateProducer<Null, string>();

        var exception = await Should.ThrowAsync<ProduceException>(
            async () => await producer.ProduceAsync("orders", new Message<Null, string>(null, "x") { Partition = 3 }));

        exception.Error.ShouldBe(ErrorCode.UnknownTopicOrPartition);
        exception.Message.ShouldBe("Topic 'orders' has no partition 3; it has 3, numbered from 0.");
    }

    [Fact]
    public async Task ProduceAsync_SaysWhatToDo_WhenTheTopicDoesNotExist()
    {
        await using var producer = _client.CreateProducer<Null, string>(options => options.MaxBlock = TimeSpan.FromMilliseconds(200));

        var exception = await Should.ThrowAsync<ProduceException>(async () => await producer.ProduceAsync("nope", null, "x"));

        exception.Error.ShouldBe(ErrorCode.UnknownTopicOrPartition);
        exception.Message.ShouldStartWith("There is no topic 'nope'. Create it first");
    }

    [Fact]
    public async Task ProduceAsync_CreatesTheTopic_WhenBrokerAndProducerAllowIt()
    {
        _cluster.AutoCreateTopics = true;
        await using var producer = _client.CreateProducer<Null, string>();

        (await producer.ProduceAsync("fresh", null, "x")).Offset.ShouldBe(0);
    }

    [Fact]
    public async Task ProduceAsync_ReportsTheSerializer_WhenItThrows()
    {
        await using var producer = _client.CreateProducer<Null, string>(options => options.ValueSerializer = new ThrowingSerializer());

        var exception = await Should.ThrowAsync<RecordSerializationException>(async () => await producer.ProduceAsync("audit", null, "x"));

        exception.Part.ShouldBe(RecordPart.Value);
        exception.Message.ShouldContain("no good");
    }

    [Fact]
    public async Task ProduceToAllAsync_SendsToEveryTopic_WhenAllChecksPass()
    {
        await using var producer = _client.CreateProducer<string, string>();

        var result = await producer.ProduceToAllAsync(["orders", "audit"], new Message<string, string>("k", "v"));

        result.IsComplete.ShouldBeTrue();
        result.Reports.Select(report => report.Result.Topic).ShouldBe(["orders", "audit"]);
        result.Reports[0].Result.TimestampMs.ShouldBe(result.Reports[1].Result.TimestampMs);
        _cluster["audit"].Values().ShouldBe(["v"]);
    }

    [Fact]
    public async Task ProduceToAllAsync_SendsNothing_WhenACheckFails()
    {
        await using var producer = _client.CreateProducer<string, string>(options => options.MaxBlock = TimeSpan.FromMilliseconds(100));

        await Should.ThrowAsync<ProduceException>(async () => await producer.ProduceToAllAsync(["audit", "nope"], new Message<string, string>("k", "v")));
        await Should.ThrowAsync<ProduceException>(
            async () => await producer.ProduceToAllAsync(["orders", "audit"], new Message<string, string>("k", "v") { Partition = 1 }));

        _cluster.Produces.ShouldBeEmpty();
    }

    [Fact]
    public async Task ProduceToAllAsync_ReportsPerTopic_WhenOneTopicRefuses()
    {
        _cluster.OnProduce = produce => Task.FromResult(
            produce.Partition.TopicPartition.Topic == "audit" ? produce.Answer(ErrorCode.TopicAuthorizationFailed) : produce.Append());
        await using var producer = _client.CreateProducer<string, string>();

        var result = await producer.ProduceToAllAsync(["orders", "audit"], new Message<string, string>("k", "v"));

        result.IsComplete.ShouldBeFalse();
        result.Reports[0].IsDelivered.ShouldBeTrue();
        result.Reports[1].Error!.Error.ShouldBe(ErrorCode.TopicAuthorizationFailed);
        Should.Throw<ProduceException>(result.ThrowIfIncomplete).IsOutcomeUnknown.ShouldBeFalse();
    }

    private static List<(string? Key, string? Value, string Headers)> Read(FakePartition partition)
    {
        var result = new List<(string?, string?, string)>();
        for (var i = 0; i < partition.BatchRecordCounts.Count; i++)
        {
            using var reader = new RecordReader();
            reader.Open(partition.Batch(i));
            while (reader.TryRead(out var record))
            {
                result.Add((
                    Text(record.Key),
                    Text(record.Value),
                    string.Join(",", record.Headers.ToArray().Select(header => $"{header.Key}={header.GetString() ?? "null"}"))));
            }
        }

        return result;
    }

    private static string? Text(NullableSpan bytes) => bytes.IsNull ? null : System.Text.Encoding.UTF8.GetString(bytes.Span);

    private sealed class ThrowingSerializer : ISerializer<string>
    {
        public void Serialize(string value, System.Buffers.IBufferWriter<byte> writer, in SerializationContext context)
            => throw new FormatException("no good");
    }
}
