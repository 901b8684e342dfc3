namespace OrleansStream.Client.Tests.Consuming;

public sealed class ConsumerTests : IAsyncDisposable
{
    private static readonly TopicPartition First = new("t", 0);
    private static readonly TopicPartition Second = new("t", 1);

    private readonly FakeCluster _cluster = new FakeCluster().AddTopic("t", 2);
    private readonly OrleansStreamClient _client;

    public ConsumerTests() => _client = _cluster.Connect();

    public ValueTask DisposeAsync() => _client.DisposeAsync();

    [Fact]
    public async Task ConsumeAsync_ReturnsEverythingInOrder_FromTheEarliestOffset()
    {
        Fill(First, 100, perBatch: 7);
        await using var consumer = Create();
        consumer.Assign(new TopicPartitionOffset(First, OffsetSpec.Earliest));

        var records = await TakeAsync(consumer, 100);

        records.Select(record => record.Value).ShouldBe(Enumerable.Range(0, 100).Select(i => $"{i}"));
        records.Select(record => record.Offset).ShouldBe(Enumerable.Range(0, 100).Select(i => (long)i));
        records[0].TimestampMs.ShouldBe(1000);
        consumer.Position(First).ShouldBe(100);
    }

    [Theory]
    [InlineData("earliest", 0)]
    [InlineData("at 5", 5)]
    [InlineData("at 20", 20)]
    [InlineData("latest", 30)]
    public async Task Assign_StartsWhereItSays(string where, long expected)
    {
        Fill(First, 30, perBatch: 10);
        await using var consumer = Create();
        consumer.Assign(new TopicPartitionOffset(First, where switch
        {
            "earliest" => OffsetSpec.Earliest,
            "latest" => OffsetSpec.Latest,
            _ => OffsetSpec.At(long.Parse(where[3..], System.Globalization.CultureInfo.InvariantCulture)),
        }));
        var next = consumer.PollAsync(Expect.Patience).AsTask();
        await Expect.Until(() => consumer.Position(First) is not null, "the position");

        _cluster["t"].AppendValues("new");

        (await next.Within("a record")).ShouldNotBeNull().Offset.ShouldBe(expected);
    }

    [Fact]
    public async Task Assign_StartsAtTheTimestamp_OrAtTheEndIfNoneIsThatLate()
    {
        await using var producer = _client.CreateProducer<Null, string>();
        for (var i = 0; i < 10; i++)
        {
            await producer.ProduceAsync("t", new Message<Null, string>(null, $"{i}") { Partition = 0, Timestamp = DateTimeOffset.FromUnixTimeMilliseconds(i * 100) });
        }

        await using var consumer = Create();
        consumer.Assign(new TopicPartitionOffset(First, OffsetSpec.AtTimestamp(DateTimeOffset.FromUnixTimeMilliseconds(450))));
        (await consumer.PollAsync(Expect.Patience)).ShouldNotBeNull().Offset.ShouldBe(5);

        consumer.Seek(First, OffsetSpec.AtTimestamp(DateTimeOffset.FromUnixTimeMilliseconds(5000)));
        (await consumer.PollAsync(TimeSpan.FromMilliseconds(200))).ShouldBeNull();
        consumer.Position(First).ShouldBe(10);
    }

    [Fact]
    public async Task Seek_MovesThePartition_AndDropsWhatWasFetched()
    {
        Fill(First, 100, perBatch: 10);
        await using var consumer = Create();
        consumer.Assign(new TopicPartitionOffset(First, OffsetSpec.Earliest));
        (await TakeAsync(consumer, 15))[^1].Offset.ShouldBe(14);

        consumer.Seek(First, OffsetSpec.At(55));

        consumer.Position(First).ShouldBe(55);
        (await TakeAsync(consumer, 3)).Select(record => record.Offset).ShouldBe([55, 56, 57]);
    }

    [Fact]
    public async Task Seek_TakesEffectWithTheNextRecord_WithinAnEnumeration()
    {
        Fill(First, 50, perBatch: 50);
        await using var consumer = Create();
        consumer.Assign(new TopicPartitionOffset(First, OffsetSpec.Earliest));
        var seen = new List<long>();
        await foreach (var record in consumer.ConsumeAsync())
        {
            seen.Add(record.Offset);
            if (seen.Count == 3)
            {
                consumer.Seek(First, OffsetSpec.At(40));
            }

            if (seen.Count == 5)
            {
                break;
            }
        }

        seen.ShouldBe([0, 1, 2, 40, 41]);
    }

    [Fact]
    public async Task Pause_KeepsTheRestOfTheBatch_UntilResumed()
    {
        Fill(First, 10, perBatch: 10);
        Fill(Second, 10, perBatch: 10);
        await using var consumer = Create();
        consumer.Assign(new TopicPartitionOffset(First, OffsetSpec.Earliest));
        await TakeAsync(consumer, 4);
        consumer.Assign(new TopicPartitionOffset(Second, OffsetSpec.Earliest));

        consumer.Pause(First);
        consumer.IsPaused(First).ShouldBeTrue();
        (await TakeAsync(consumer, 10)).ShouldAllBe(record => record.TopicPartition == Second);
        (await consumer.PollAsync(TimeSpan.FromMilliseconds(30))).ShouldBeNull();
        consumer.Position(First).ShouldBe(4);

        consumer.Resume(First);
        (await TakeAsync(consumer, 6)).Select(record => record.Offset).ShouldBe([4, 5, 6, 7, 8, 9]);
    }

    [Fact]
    public async Task Unassign_StopsAPartition_AndForgetsItsPosition()
    {
        Fill(First, 10, perBatch: 1);
        Fill(Second, 10, perBatch: 1);
        await using var consumer = Create();
        await consumer.AssignTopicAsync("t", OffsetSpec.Earliest);
        await TakeAsync(consumer, 2);

        consumer.Unassign(First);

        consumer.Assignment.ShouldBe([Second]);
        Should.Throw<InvalidOperationException>(() => consumer.Position(First)).Message.ShouldBe("t-0 is not assigned to this consumer.");
        var rest = await TakeUntilEndAsync(consumer);
        rest.ShouldAllBe(record => record.TopicPartition == Second);
        consumer.Position(Second).ShouldBe(10);
    }

    [Fact]
    public async Task ConsumeAsync_EndsAtTheEndOfAllPartitions_WhenAskedTo()
    {
        Fill(First, 1000, perBatch: 100);
        Fill(Second, 10, perBatch: 1);
        await using var consumer = Create();
        await consumer.AssignTopicAsync("t", OffsetSpec.Earliest);

        var records = await TakeUntilEndAsync(consumer);

        records.Count.ShouldBe(1010);
        consumer.IsAtEnd(First).ShouldBeTrue();
        consumer.GetWatermarks(First).ShouldBe(new Watermarks(0, 1000, 1000));
        (await consumer.QueryWatermarksAsync(Second)).ShouldBe(new Watermarks(0, 10, 10));
    }

    [Fact]
    public async Task ConsumeAsync_EndsAtOnce_WhenPartitionsAreEmpty()
    {
        await using var consumer = Create();
        await consumer.AssignTopicAsync("t", OffsetSpec.Earliest);

        (await TakeUntilEndAsync(consumer)).ShouldBeEmpty();
    }

    [Fact]
    public async Task ConsumeBatchesAsync_ReturnsBatchesThatCanBeReadTwice()
    {
        Fill(First, 30, perBatch: 10);
        await using var consumer = Create();
        consumer.Assign(new TopicPartitionOffset(First, OffsetSpec.At(5)));
        var batches = new List<ConsumeBatch<Null, string>>();
        await foreach (var batch in consumer.ConsumeBatchesAsync(ConsumeUntil.CurrentEnd))
        {
            consumer.Position(First).ShouldBe(batch.NextOffset);
            batches.Add(batch);
        }

        batches.Select(batch => (batch.FirstOffset, batch.NextOffset)).ShouldBe([(5L, 10L), (10L, 20L), (20L, 30L)]);
        batches[0].Select(record => record.Offset).ShouldBe([5, 6, 7, 8, 9]);
        batches[0].Select(record => record.Value).ShouldBe(["5", "6", "7", "8", "9"]);
    }

    [Theory]
    [InlineData(CompressionType.Gzip)]
    [InlineData(CompressionType.Snappy)]
    public async Task ConsumeAsync_KeepsMemoryValid_WhenBatchesAreCompressed(CompressionType compression)
    {
        await using var producer = _client.CreateProducer<Null, string>(options => options.Compression = compression);
        for (var i = 0; i < 20; i++)
        {
            await producer.ProduceAsync("t", new Message<Null, string>(null, $"{i}-{new string('z', 300)}") { Partition = 0 });
        }

        await using var consumer = _client.CreateConsumer<Ignore, ReadOnlyMemory<byte>>();
        consumer.Assign(new TopicPartitionOffset(First, OffsetSpec.Earliest));
        var kept = new List<ReadOnlyMemory<byte>>();
        await foreach (var record in consumer.ConsumeAsync(ConsumeUntil.CurrentEnd))
        {
            kept.Add(record.Value);
        }

        kept.Select(value => System.Text.Encoding.UTF8.GetString(value.Span)).ShouldBe(_cluster["t"].Values());
    }

    [Fact]
    public async Task PollAsync_ReturnsNull_WhenNothingComesInTime()
    {
        await using var consumer = Create();
        consumer.Assign(new TopicPartitionOffset(First, OffsetSpec.Earliest));

        (await consumer.PollAsync(TimeSpan.Zero)).ShouldBeNull();
        (await consumer.PollAsync(TimeSpan.FromMilliseconds(20))).ShouldBeNull();
    }

    [Fact]
    public async Task ConsumeAsync_StopsWithoutLoss_WhenCancelled()
    {
        Fill(First, 3, perBatch: 1);
        await using var consumer = Create();
        consumer.Assign(new TopicPartitionOffset(First, OffsetSpec.Earliest));
        using var cancellation = new CancellationTokenSource();
        var seen = new List<long>();
        await Should.ThrowAsync<OperationCanceledException>(Task.Run(async () =>
        {
            await foreach (var record in consumer.ConsumeAsync(cancellationToken: cancellation.Token))
            {
                seen.Add(record.Offset);
                await cancellation.CancelAsync();
            }
        }).Within("the cancellation"));

        seen.ShouldBe([0]);
        (await TakeAsync(consumer, 2)).Select(record => record.Offset).ShouldBe([1, 2]);
    }

    [Fact]
    public async Task PollAsync_RefusesASecondReader()
    {
        await using var consumer = Create();
        consumer.Assign(new TopicPartitionOffset(First, OffsetSpec.Earliest));
        var waiting = consumer.PollAsync(TimeSpan.FromMilliseconds(200)).AsTask();

        (await Should.ThrowAsync<InvalidOperationException>(consumer.PollAsync(TimeSpan.Zero).AsTask())).Message.ShouldContain("one reader at a time");
        await waiting.Within("the first poll");
        (await consumer.PollAsync(TimeSpan.Zero)).ShouldBeNull();
    }

    [Fact]
    public async Task DisposeAsync_EndsAWaitingRead()
    {
        var consumer = Create();
        consumer.Assign(new TopicPartitionOffset(First, OffsetSpec.Earliest));
        var waiting = consumer.PollAsync(Timeout.InfiniteTimeSpan).AsTask();

        await consumer.DisposeAsync();

        await Should.ThrowAsync<ObjectDisposedException>(waiting.Within("the end of the read"));
    }

    private IConsumer<Null, string> Create(Action<ConsumerOptions<Null, string>>? configure = null) => _client.CreateConsumer(configure);

    private void Fill(TopicPartition partition, int count, int perBatch)
    {
        foreach (var values in Enumerable.Range(0, count).Select(i => $"{i}").Chunk(perBatch))
        {
            _cluster[partition.Topic, partition.Partition].AppendValues(values);
        }
    }

    private static async Task<List<ConsumeResult<Null, string>>> TakeAsync(IConsumer<Null, string> consumer, int count)
    {
        var result = new List<ConsumeResult<Null, string>>();
        while (result.Count < count)
        {
            result.Add((await consumer.PollAsync(Expect.Patience)).ShouldNotBeNull($"record {result.Count + 1} of {count}"));
        }

        return result;
    }

    private static async Task<List<ConsumeResult<Null, string>>> TakeUntilEndAsync(IConsumer<Null, string> consumer)
    {
        var result = new List<ConsumeResult<Null, string>>();
        using var patience = new CancellationTokenSource(Expect.Patience);
        await foreach (var record in consumer.ConsumeAsync(ConsumeUntil.CurrentEnd, patience.Token))
        {
            result.Add(record);
        }

        return result;
    }
}
