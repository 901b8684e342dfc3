using Orleans.Runtime;
using OrleansStream.Abstractions;

namespace OrleansStream.Client.Tests.Consuming;

/// <summary>What a consumer makes of brokers that fail, offsets that are gone and bytes that are damaged.</summary>
public sealed class ConsumerFaultTests : IAsyncDisposable
{
    private static readonly TopicPartition First = new("t", 0);

    private readonly FakeCluster _cluster = new FakeCluster().AddTopic("t", 2).AddTopic("u");
    private readonly OrleansStreamClient _client;

    public ConsumerFaultTests() => _client = _cluster.Connect();

    public ValueTask DisposeAsync() => _client.DisposeAsync();

    [Theory]
    [InlineData(AutoOffsetReset.Earliest, 100, 4)]
    [InlineData(AutoOffsetReset.Earliest, 1, 4)]
    [InlineData(AutoOffsetReset.Latest, 1, 10)]
    [InlineData(AutoOffsetReset.Latest, 100, 10)]
    public async Task PollAsync_GoesOnWhereThePolicySays_WhenTheOffsetIsNotThere(AutoOffsetReset policy, long offset, long expected)
    {
        Fill(10);
        _cluster["t"].LogStartOffset = 4;
        await using var consumer = Create(options => options.AutoOffsetReset = policy);
        consumer.Assign(new TopicPartitionOffset(First, OffsetSpec.At(offset)));
        var next = consumer.PollAsync(Expect.Patience).AsTask();
        await Expect.Until(() => consumer.Position(First) != offset, "the reset");

        _cluster["t"].AppendValues("new");

        (await next.Within("a record")).ShouldNotBeNull().Offset.ShouldBe(expected);
    }

    [Fact]
    public async Task PollAsync_ThrowsWithTheValidRange_WhenThePolicyIsNone()
    {
        Fill(10);
        _cluster["t"].LogStartOffset = 4;
        await using var consumer = Create(options => options.AutoOffsetReset = AutoOffsetReset.None);
        consumer.Assign(new TopicPartitionOffset(First, OffsetSpec.At(77)));

        var exception = await Should.ThrowAsync<OffsetOutOfRangeException>(consumer.PollAsync(Expect.Patience).Within("the failure"));

        exception.Message.ShouldBe("Offset 77 of t-0 is out of range; valid are 4 to 10.");
        exception.LogStartOffset.ShouldBe(4);
        exception.EndOffset.ShouldBe(10);
        consumer.Seek(First, OffsetSpec.At(6));
        (await consumer.PollAsync(Expect.Patience)).ShouldNotBeNull().Offset.ShouldBe(6);
    }

    [Fact]
    public async Task PollAsync_NamesPartitionAndOffset_WhenABatchIsCorrupt_AndCanBeSoughtPast()
    {
        _cluster["t"].AppendValues("a", "b");
        _cluster["t"].AppendValues("c", "d");
        _cluster["t"].AppendValues("e");
        _cluster["t"].Batch(1)[^3] ^= 1;
        await using var consumer = Create();
        consumer.Assign(new TopicPartitionOffset(First, OffsetSpec.Earliest));
        (await ReadAsync(consumer, 2)).ShouldBe(["a", "b"]);

        for (var i = 0; i < 2; i++)
        {
            var exception = await Should.ThrowAsync<CorruptBatchException>(consumer.PollAsync(Expect.Patience).Within("the failure"));
            exception.TopicPartition.ShouldBe(First);
            exception.Offset.ShouldBe(2);
            exception.NextOffset.ShouldBe(4);
            exception.Message.ShouldContain("Seek to 4");
        }

        consumer.Position(First).ShouldBe(2);
        consumer.Seek(First, OffsetSpec.At(4));
        (await ReadAsync(consumer, 1)).ShouldBe(["e"]);
    }

    [Fact]
    public async Task PollAsync_ReadsOtherPartitions_WhenOneIsCorrupt()
    {
        _cluster["t"].AppendValues("bad");
        _cluster["t"].Batch(0)[^3] ^= 1;
        _cluster["t", 1].AppendValues("good", "better");
        await using var consumer = Create();
        await consumer.AssignTopicAsync("t", OffsetSpec.Earliest);
        var seen = new List<string?>();
        var failures = 0;
        while (seen.Count < 2)
        {
            try
            {
                seen.Add((await consumer.PollAsync(Expect.Patience)).ShouldNotBeNull().Value);
            }
            catch (CorruptBatchException)
            {
                failures++;
            }
        }

        seen.ShouldBe(["good", "better"]);
        failures.ShouldBeLessThan(5);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(8)]
    [InlineData(16)]
    public async Task PollAsync_ReportsCorruption_WhenTheFramingIsDamaged(int position)
    {
        _cluster["t"].AppendValues("a");
        _cluster["t"].AppendValues("b");
        _cluster["t"].Batch(1)[position] ^= 0x40;
        await using var consumer = Create();
        consumer.Assign(new TopicPartitionOffset(First, OffsetSpec.Earliest));
        if (position >= 8)
        {
            (await ReadAsync(consumer, 1)).ShouldBe(["a"]);
            await Should.ThrowAsync<CorruptBatchException>(consumer.PollAsync(Expect.Patience).Within("the failure"));
        }
        else
        {
            // The base offset is not under the checksum: a wrong one must not let the reader run in circles.
            (await ReadAsync(consumer, 1)).ShouldBe(["a"]);
            await consumer.PollAsync(TimeSpan.FromMilliseconds(20));
        }
    }

    [Fact]
    public async Task PollAsync_AcceptsAWrongChecksum_WhenToldNotToCheck()
    {
        _cluster["t"].AppendValues("a");
        _cluster["t"].Batch(0)[17] ^= 1;
        await using var consumer = Create(options => options.CheckCrcs = false);
        consumer.Assign(new TopicPartitionOffset(First, OffsetSpec.Earliest));

        (await ReadAsync(consumer, 1)).ShouldBe(["a"]);
    }

    [Fact]
    public async Task PollAsync_StaysAtTheRecord_WhenItsDeserializerFails()
    {
        _cluster["t"].AppendValues("1234", "no", "5678");
        await using var consumer = _client.CreateConsumer<Ignore, int>();
        consumer.Assign(new TopicPartitionOffset(First, OffsetSpec.Earliest));
        (await consumer.PollAsync(Expect.Patience)).ShouldNotBeNull().Offset.ShouldBe(0);

        for (var i = 0; i < 2; i++)
        {
            var exception = await Should.ThrowAsync<RecordSerializationException>(consumer.PollAsync(Expect.Patience).Within("the failure"));
            exception.Offset.ShouldBe(1);
            exception.Message.ShouldBe("The value of the record at offset 1 of t-0 cannot be deserialized: 2 bytes are not a 32-bit integer; it takes 4.");
        }

        consumer.Seek(First, OffsetSpec.At(2));
        (await consumer.PollAsync(Expect.Patience)).ShouldNotBeNull().Offset.ShouldBe(2);
    }

    [Fact]
    public async Task PollAsync_CarriesOn_WhenTheBrokerIsAwayForAWhile()
    {
        Fill(50);
        var failures = 10;
        _cluster.OnFetch = (_, read) => Interlocked.Decrement(ref failures) >= 0
            ? Task.FromException<FetchResponse>(failures % 2 == 0 ? new SiloUnavailableException("away") : new TimeoutException())
            : Task.FromResult(read());
        await using var consumer = Create();
        consumer.Assign(new TopicPartitionOffset(First, OffsetSpec.Earliest));

        (await ReadAsync(consumer, 50)).Count.ShouldBe(50);
    }

    [Fact]
    public async Task PollAsync_FollowsTheLeader_WhenItMoves()
    {
        Fill(5);
        await using var consumer = Create();
        consumer.Assign(new TopicPartitionOffset(First, OffsetSpec.Earliest));
        await ReadAsync(consumer, 5);
        _cluster["t"].Leader = 2;
        _cluster["t"].LeaderEpoch = 3;
        _cluster["t"].AppendValues("after");

        (await ReadAsync(consumer, 1)).ShouldBe(["after"]);
        _cluster.Fetches.Last().Partitions[0].CurrentLeaderEpoch.ShouldBe(3);
    }

    [Fact]
    public async Task PollAsync_SaysSo_WhenTheTopicDoesNotExist()
    {
        await using var consumer = Create(options => options.UnknownTopicTimeout = TimeSpan.FromMilliseconds(50));
        consumer.Assign(new TopicPartitionOffset("nope", 0, OffsetSpec.Earliest));

        var exception = await Should.ThrowAsync<ConsumeException>(consumer.PollAsync(Expect.Patience).Within("the failure"));

        exception.Error.ShouldBe(ErrorCode.UnknownTopicOrPartition);
        exception.Message.ShouldContain("There is no topic 'nope'.");
        await Should.ThrowAsync<OrleansStreamException>(async () => await consumer.AssignTopicAsync("nope", OffsetSpec.Earliest));
    }

    [Fact]
    public async Task PollAsync_SaysHowManyThereAre_WhenThePartitionDoesNotExist()
    {
        await using var consumer = Create(options => options.UnknownTopicTimeout = TimeSpan.Zero);
        consumer.Assign(new TopicPartitionOffset("t", 9, OffsetSpec.Earliest));

        (await Should.ThrowAsync<ConsumeException>(consumer.PollAsync(Expect.Patience).Within("the failure"))).Message
            .ShouldContain("Topic 't' has no partition 9; it has 2, numbered from 0.");
    }

    [Fact]
    public async Task PollAsync_FetchesNoFurtherThanTheBound_WhenTheReaderIsSlow()
    {
        for (var i = 0; i < 200; i++)
        {
            _cluster["t"].AppendValues(new string('x', 1000));
            _cluster["t", 1].AppendValues(new string('y', 1000));
        }

        var batchBytes = _cluster["t"].Batch(0).Length;
        var fetched = 0;
        var handedOut = 0;
        var mostAhead = 0;
        _cluster.OnFetch = (_, read) =>
        {
            var response = read();
            lock (_cluster)
            {
                fetched += response.Partitions.Sum(partition => partition.Records.Length);
                mostAhead = Math.Max(mostAhead, fetched - handedOut);
            }

            return Task.FromResult(response);
        };
        await using var consumer = Create(options =>
        {
            options.MaxPrefetchBytes = 20_000;
            options.MaxPartitionFetchBytes = 5_000;
        });
        await consumer.AssignTopicAsync("t", OffsetSpec.Earliest);
        for (var i = 0; i < 400; i++)
        {
            await ReadAsync(consumer, 1);
            lock (_cluster)
            {
                handedOut += batchBytes;
            }
        }

        // A little more than the bound: the first batch of an answer comes whole, and one is being handed out.
        mostAhead.ShouldBeInRange(5_000, 20_000 + (3 * batchBytes));
        fetched.ShouldBe(400 * batchBytes, "nothing is fetched twice");
    }

    [Fact]
    public async Task PollAsync_ReadsABatchLargerThanEveryBound()
    {
        _cluster["t"].AppendValues(new string('x', 100_000));
        await using var consumer = Create(options =>
        {
            options.MaxPrefetchBytes = 1000;
            options.FetchMaxBytes = 1000;
            options.MaxPartitionFetchBytes = 1000;
        });
        consumer.Assign(new TopicPartitionOffset(First, OffsetSpec.Earliest));

        (await ReadAsync(consumer, 1))[0]!.Length.ShouldBe(100_000);
    }

    [Fact]
    public async Task Assign_DoesNotWaitForALongPoll_WhenAnotherPartitionIsAdded()
    {
        var polls = new List<TaskCompletionSource<FetchResponse>>();
        _cluster.OnFetch = (request, read) =>
        {
            var response = read();
            if (response.Partitions.Any(partition => !partition.Records.IsEmpty))
            {
                return Task.FromResult(response);
            }

            var poll = new TaskCompletionSource<FetchResponse>();
            lock (polls)
            {
                polls.Add(poll);
            }

            return poll.Task;
        };
        _cluster["u"].AppendValues("u");
        await using var consumer = Create();
        consumer.Assign(new TopicPartitionOffset(First, OffsetSpec.Earliest));
        (await consumer.PollAsync(TimeSpan.FromMilliseconds(30))).ShouldBeNull();

        consumer.Assign(new TopicPartitionOffset("u", 0, OffsetSpec.Earliest));

        (await ReadAsync(consumer, 1)).ShouldBe(["u"]);
    }

    private IConsumer<Null, string> Create(Action<ConsumerOptions<Null, string>>? configure = null)
        => _client.CreateConsumer<Null, string>(options =>
        {
            options.RetryBackoff = TimeSpan.FromMilliseconds(1);
            options.RetryBackoffMax = TimeSpan.FromMilliseconds(10);
            configure?.Invoke(options);
        });

    private void Fill(int count)
    {
        for (var i = 0; i < count; i++)
        {
            _cluster["t"].AppendValues($"{i}");
        }
    }

    private static async Task<List<string?>> ReadAsync(IConsumer<Null, string> consumer, int count)
    {
        var result = new List<string?>();
        while (result.Count < count)
        {
            result.Add((await consumer.PollAsync(Expect.Patience)).ShouldNotBeNull($"record {result.Count + 1} of {count}").Value);
        }

        return result;
    }
}
