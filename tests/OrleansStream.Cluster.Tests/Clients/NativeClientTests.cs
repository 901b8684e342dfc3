#pragma warning disable xUnit1051 // Every wait here has a time-out of its own.
using OrleansStream.Client;
using OrleansStream.Cluster.Tests.Clusters;

namespace OrleansStream.Cluster.Tests.Clients;

/// <summary>The native client against a real broker over TCP.</summary>
public sealed class NativeClientTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private BrokerCluster _cluster = null!;
    private OrleansStreamClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _cluster = await BrokerCluster.StartAsync();
        _client = OrleansStreamClient.FromGrainFactory(_cluster.Client);
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _cluster.DisposeAsync();
    }

    [Theory]
    [InlineData(CompressionType.None)]
    [InlineData(CompressionType.Gzip)]
    [InlineData(CompressionType.Snappy)]
    public async Task ConsumeAsync_ReturnsWhatWasProduced_FromAllPartitions(CompressionType compression)
    {
        await _client.Admin.CreateTopicAsync(new TopicSpecification("orders", 3));
        await using var producer = _client.CreateProducer<string, string>(options =>
        {
            options.Compression = compression;
            options.BatchSize = 16 * 1024;
        });
        for (var i = 0; i < 20_000; i++)
        {
            await producer.SendAsync("orders", $"key-{i % 100}", $"värde {i}");
        }

        await producer.FlushAsync().AsTask().WaitAsync(Patience);

        await using var consumer = _client.CreateConsumer<string, string>();
        await consumer.AssignTopicAsync("orders", OffsetSpec.Earliest);
        var records = await ReadToEndAsync(consumer);
        records.Count.ShouldBe(20_000);
        records.GroupBy(record => record.Key).ShouldAllBe(ofKey => ofKey.Select(record => record.Partition).Distinct().Count() == 1);
        records.GroupBy(record => record.Key).ShouldAllBe(ofKey => IsAscending(ofKey.Select(record => int.Parse(record.Value!.Substring(6), null))));
        consumer.Assignment.ShouldAllBe(partition => consumer.IsAtEnd(partition));
    }

    [Fact]
    public async Task ProduceAsync_AppendsBehindWhatWasThere_WhenTheBrokerWasRestarted()
    {
        await _client.Admin.CreateTopicAsync(new TopicSpecification("t", 1));
        await using (var producer = _client.CreateProducer<Null, string>())
        {
            await producer.ProduceAsync("t", null, "before").AsTask().WaitAsync(Patience);
        }

        await _client.DisposeAsync();
        await _cluster.RestartAsync();
        _client = OrleansStreamClient.FromGrainFactory(_cluster.Client);

        await using var next = _client.CreateProducer<Null, string>();
        (await next.ProduceAsync("t", null, "after").AsTask().WaitAsync(Patience)).Offset.ShouldBe(1);
    }

    [Fact]
    public async Task Consumer_StartsWhereItIsTold_ByTimestampOffsetAndEnd()
    {
        await _client.Admin.CreateTopicAsync(new TopicSpecification("t", 1));
        await using var producer = _client.CreateProducer<Null, string>();
        var start = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        for (var i = 0; i < 10; i++)
        {
            await producer.ProduceAsync("t", new Message<Null, string>(null, $"{i}") { Timestamp = start.AddMinutes(i) }).AsTask().WaitAsync(Patience);
        }

        await using var consumer = _client.CreateConsumer<Null, string>(options => options.AutoOffsetReset = AutoOffsetReset.None);
        var partition = new TopicPartition("t", 0);
        consumer.Assign(new TopicPartitionOffset(partition, OffsetSpec.AtTimestamp(start.AddMinutes(6.5))));
        (await consumer.PollAsync(Patience)).ShouldNotBeNull().Value.ShouldBe("7");
        consumer.Seek(partition, OffsetSpec.At(2));
        (await consumer.PollAsync(Patience)).ShouldNotBeNull().Value.ShouldBe("2");
        consumer.Seek(partition, OffsetSpec.Latest);
        var waiting = consumer.PollAsync(Patience);
        while (consumer.Position(partition) is null)
        {
            await Task.Yield();
        }

        await producer.ProduceAsync("t", null, "new").AsTask().WaitAsync(Patience);
        (await waiting).ShouldNotBeNull().Value.ShouldBe("new");

        consumer.Seek(partition, OffsetSpec.At(99));
        var exception = await Should.ThrowAsync<OffsetOutOfRangeException>(async () => await consumer.PollAsync(Patience));
        exception.Message.ShouldBe("Offset 99 of t-0 is out of range; valid are 0 to 11.");
        (await consumer.QueryWatermarksAsync(partition)).ShouldBe(new Watermarks(0, 11, 11));
    }

    [Fact]
    public async Task Producer_SaysWhatIsWrong_WhenTopicOrRecordIsRefused()
    {
        await _client.Admin.CreateTopicAsync(new TopicSpecification("small", 1)
        {
            Configs = new Dictionary<string, string> { ["max.message.bytes"] = "2000" },
        });
        await using var producer = _client.CreateProducer<Null, byte[]>(options => options.AllowAutoTopicCreation = false);

        (await Should.ThrowAsync<ProduceException>(async () => await producer.ProduceAsync("nope", null, []))).Error.ShouldBe(ErrorCode.UnknownTopicOrPartition);
        (await Should.ThrowAsync<ProduceException>(async () => await producer.ProduceAsync("no/topic", null, []))).Error
            .ShouldBeOneOf(ErrorCode.InvalidTopicException, ErrorCode.UnknownTopicOrPartition);
        (await Should.ThrowAsync<RecordTooLargeException>(async () => await producer.ProduceAsync("small", null, new byte[3000]))).Message.ShouldContain("2000");

        // Many small ones are split until they fit.
        var deliveries = Enumerable.Range(0, 100).Select(_ => producer.ProduceAsync("small", null, new byte[500]).AsTask()).ToArray();
        (await Task.WhenAll(deliveries).WaitAsync(Patience)).Select(delivery => delivery.Offset).ShouldBe(Enumerable.Range(0, 100).Select(i => (long)i));
    }

    [Fact]
    public async Task DeleteRecordsAsync_MovesReadersOn_ToTheNewStart()
    {
        await _client.Admin.CreateTopicAsync(new TopicSpecification("t", 1));
        await using var producer = _client.CreateProducer<Null, string>();
        for (var i = 0; i < 10; i++)
        {
            await producer.SendAsync("t", null, $"{i}");
        }

        await producer.FlushAsync().AsTask().WaitAsync(Patience);

        var deleted = await _client.Admin.DeleteRecordsAsync(new Dictionary<TopicPartition, long> { [new("t", 0)] = 4 });

        deleted.Values.ShouldHaveSingleItem().LowWatermark.ShouldBe(4);
        await using var consumer = _client.CreateConsumer<Null, string>();
        consumer.Assign(new TopicPartitionOffset("t", 0, OffsetSpec.At(1)));
        (await consumer.PollAsync(Patience)).ShouldNotBeNull().Value.ShouldBe("4");
    }

    private static bool IsAscending(IEnumerable<int> values) => values.Zip(values.Skip(1)).All(pair => pair.First < pair.Second);

    private static async Task<List<ConsumeResult<string, string>>> ReadToEndAsync(IConsumer<string, string> consumer)
    {
        using var patience = new CancellationTokenSource(Patience);
        var records = new List<ConsumeResult<string, string>>();
        await foreach (var record in consumer.ConsumeAsync(ConsumeUntil.CurrentEnd, patience.Token))
        {
            records.Add(record);
        }

        return records;
    }
}
