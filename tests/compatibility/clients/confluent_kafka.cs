// Confluent.Kafka: reads BOOTSTRAP and RDKAFKA (a native library in place of the package's, if set), prints one line per case: outcome, case, detail, separated by tabs.
using System.Runtime.InteropServices;
using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

const string Topic = "confluent-a";
var bootstrap = Environment.GetEnvironmentVariable("BOOTSTRAP")!;

// The package looks for libdl under a name that only glibc's development files have, and would find the system's librdkafka.
if (Environment.GetEnvironmentVariable("RDKAFKA") is { Length: > 0 } rdkafka)
{
    NativeLibrary.SetDllImportResolver(typeof(Library).Assembly, (name, _, _) => name switch
    {
        "libdl" => NativeLibrary.Load("libdl.so.2"),
        "librdkafka" => NativeLibrary.Load(rdkafka),
        _ => 0,
    });
    Library.Load(rdkafka);
}

if (args is ["--version"])
{
    Console.WriteLine(Library.VersionString);
    return;
}

var quiet = (IClient _, LogMessage _) => { };
using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrap }).SetLogHandler(quiet).Build();
await AttemptAsync("createTopics", () => admin.CreateTopicsAsync(
    [new TopicSpecification { Name = Topic, NumPartitions = 2, ReplicationFactor = 1, Configs = new() { ["retention.ms"] = "7200000" } }]));
await AttemptAsync("createTopics, already there", async () =>
{
    try
    {
        await admin.CreateTopicsAsync([new TopicSpecification { Name = Topic, NumPartitions = 1, ReplicationFactor = 1 }]);
        throw new InvalidOperationException("created twice");
    }
    catch (CreateTopicsException exception)
    {
        Equal(exception.Results[0].Error.Code, ErrorCode.TopicAlreadyExists);
    }
});
await AttemptAsync("metadata", () =>
{
    Equal(admin.GetMetadata(Topic, TimeSpan.FromSeconds(10)).Topics[0].Partitions.Count, 2);
    Equal(admin.GetMetadata(TimeSpan.FromSeconds(10)).Topics.Exists(topic => topic.Topic == Topic), true);
    return Task.CompletedTask;
});
await AttemptAsync("describeConfigs", async () =>
{
    var described = await admin.DescribeConfigsAsync([new ConfigResource { Type = ResourceType.Topic, Name = Topic }]);
    Equal(described[0].Entries["retention.ms"].Value, "7200000");
});
await AttemptAsync("incrementalAlterConfigs", () => admin.IncrementalAlterConfigsAsync(new()
{
    [new ConfigResource { Type = ResourceType.Topic, Name = Topic }] =
        [new ConfigEntry { Name = "retention.ms", Value = "3600000", IncrementalOperation = AlterConfigOpType.Set }],
}));
await AttemptAsync("describeCluster", async () => Equal((await admin.DescribeClusterAsync()).Nodes.Count, 1));
await AttemptAsync("createPartitions with an assignment", () => admin.CreatePartitionsAsync(
    [new PartitionsSpecification { Topic = Topic, IncreaseTo = 3, ReplicaAssignments = [[1]] }]));

foreach (var codec in new[] { CompressionType.None, CompressionType.Gzip, CompressionType.Snappy, CompressionType.Lz4, CompressionType.Zstd })
{
    await AttemptAsync($"produce with {codec}", async () =>
    {
        var config = new ProducerConfig { BootstrapServers = bootstrap, CompressionType = codec, Acks = Acks.All, EnableIdempotence = true, LingerMs = 5 };
        using var producer = new ProducerBuilder<string, string>(config).SetLogHandler(quiet).Build();
        var sent = Enumerable.Range(0, 100).Select(i => producer.ProduceAsync(new TopicPartition(Topic, 0), new Message<string, string>
        {
            Key = "k",
            Value = string.Concat(Enumerable.Repeat($"{codec}-{i}", 20)),
            Headers = new Headers { { "codec", Encoding.UTF8.GetBytes(codec.ToString()) } },
        }));
        Equal((await Task.WhenAll(sent)).All(report => report.Status == PersistenceStatus.Persisted), true);
    });
}

await AttemptAsync("consume an assigned partition, all codecs", () =>
{
    using var consumer = Consumer("confluent-assign");
    consumer.Assign(new TopicPartitionOffset(Topic, 0, Offset.Beginning));
    for (var i = 0; i < 500; i++)
    {
        var record = consumer.Consume(TimeSpan.FromSeconds(10)) ?? throw new TimeoutException($"{i} records came");
        Equal(record.Offset.Value, (long)i);
        Equal(record.Message.Value.StartsWith(Encoding.UTF8.GetString(record.Message.Headers[0].GetValueBytes()), StringComparison.Ordinal), true);
    }

    consumer.Close();
    return Task.CompletedTask;
});
await AttemptAsync("offsets by time and watermarks", () =>
{
    using var consumer = Consumer("confluent-times");
    var partition = new TopicPartition(Topic, 0);
    Equal(consumer.OffsetsForTimes([new TopicPartitionTimestamp(partition, new Timestamp(0, TimestampType.CreateTime))], TimeSpan.FromSeconds(10))[0].Offset.Value, 0L);
    Equal(consumer.QueryWatermarkOffsets(partition, TimeSpan.FromSeconds(10)).High.Value, 500L);
    return Task.CompletedTask;
});
await AttemptAsync("consumer group", () =>
{
    using var consumer = Consumer("confluent-group");
    consumer.Subscribe(Topic);
    for (var i = 0; i < 500; i++)
    {
        _ = consumer.Consume(TimeSpan.FromSeconds(15)) ?? throw new TimeoutException($"{i} records came");
    }

    Equal(consumer.Commit().Exists(committed => committed.Partition == 0 && committed.Offset == 500), true);
    consumer.Close();
    return Task.CompletedTask;
});
await AttemptAsync("deleteRecords", async () => Equal(
    (await admin.DeleteRecordsAsync([new TopicPartitionOffset(Topic, 0, 100)]))[0].Offset.Value, 100L));
await AttemptAsync("deleteTopics", () => admin.DeleteTopicsAsync([Topic]));

IConsumer<string, string> Consumer(string group) => new ConsumerBuilder<string, string>(
    new ConsumerConfig { BootstrapServers = bootstrap, GroupId = group, AutoOffsetReset = AutoOffsetReset.Earliest, EnableAutoCommit = false })
    .SetLogHandler(quiet).Build();

static void Equal<T>(T actual, T expected)
{
    if (!Equals(actual, expected))
    {
        throw new InvalidOperationException($"expected {expected}, got {actual}");
    }
}

static async Task AttemptAsync(string name, Func<Task> work)
{
    try
    {
        await Task.Run(work).WaitAsync(TimeSpan.FromSeconds(40));
        Console.WriteLine($"ok\t{name}\t");
    }
    catch (Exception exception)
    {
        var detail = string.Join(' ', $"{exception.GetType().Name}: {exception.Message}".Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        Console.WriteLine($"FAIL\t{name}\t{detail[..Math.Min(160, detail.Length)]}");
    }
}
