using System.Diagnostics;
using OrleansStream;
using OrleansStream.Client;
using OrleansStream.Client.Benchmarks;

// CPU time, not time by the clock, is what counts: it tells the same on a busy machine.
var records = args.Length > 0 ? int.Parse(args[0], System.Globalization.CultureInfo.InvariantCulture) : 3_000_000;

// Nothing is allocated for a record; batches have a few small objects, and a pool loses a buffer now and then.
const double AllocationLimitPerRecord = 10;
const double AllocationLimitPerKilobyte = 100;
var failed = false;

Console.WriteLine("case                                            ns CPU/record   ns clock/record   B allocated/record");
foreach (var (size, partitions) in new[] { (100, 1), (100, 12), (1024, 1) })
{
    var count = size > 1000 ? records / 4 : records;
    await MeasureAsync($"produce {size} B, {partitions} partitions, raw, no handler", count, true, n => ProduceRawAsync(n, size, partitions, null));
    await MeasureAsync($"produce {size} B, {partitions} partitions, raw, handler", count, true, n => ProduceRawAsync(n, size, partitions, Ignore));
}

await MeasureAsync("produce 100 B keyed, 12 partitions, raw", records, true, n => ProduceKeyedAsync(n, 100));
await MeasureAsync("produce 100 characters of text, 1 partition", records, true, ProduceTextAsync);
await MeasureAsync("produce 100 B, awaited, 1 partition", records / 4, false, ProduceAwaitedAsync);
await MeasureAsync("produce 100 B, no idempotence, 1 partition", records, true, n => ProduceRawAsync(n, 100, 1, null, options => options.EnableIdempotence = false));
foreach (var size in new[] { 100, 1024 })
{
    var count = size > 1000 ? records / 4 : records;
    await MeasureAsync($"consume {size} B, ConsumeAsync", count, false, n => ConsumeAsync(n, size, CompressionType.None));
    await MeasureAsync($"consume {size} B, ConsumeBatchesAsync", count, false, n => ConsumeBatchesAsync(n, size));
}

await MeasureAsync("consume 100 B, gzip, ConsumeAsync", records / 4, false, n => ConsumeAsync(n, 100, CompressionType.Gzip));
return failed ? 1 : 0;

async Task MeasureAsync(string name, int count, bool isAllocationFree, Func<int, Task> run)
{
    await run(Math.Max(count / 4, 1000));
    GC.Collect();
    GC.WaitForPendingFinalizers();
    var process = Process.GetCurrentProcess();
    var cpu = process.TotalProcessorTime;
    var allocated = GC.GetTotalAllocatedBytes(precise: true);
    var clock = Stopwatch.GetTimestamp();
    await run(count);
    var elapsed = Stopwatch.GetElapsedTime(clock);
    var bytes = (double)(GC.GetTotalAllocatedBytes(precise: true) - allocated) / count;
    process.Refresh();
    var cpuElapsed = process.TotalProcessorTime - cpu;
    var limit = name.Contains("1024", StringComparison.Ordinal) ? AllocationLimitPerKilobyte : AllocationLimitPerRecord;
    var isTooMuch = isAllocationFree && bytes > limit;
    failed |= isTooMuch;
    Console.WriteLine($"{name,-48}{cpuElapsed.TotalNanoseconds / count,13:F0}{elapsed.TotalNanoseconds / count,18:F0}{bytes,21:F2}{(isTooMuch ? $"  too much, at most {limit}" : string.Empty)}");
}

static void Ignore(in DeliveryReport report)
{
}

static async Task ProduceRawAsync(int count, int size, int partitions, DeliveryHandler? handler, Action<ProducerOptions<Null, ReadOnlyMemory<byte>>>? configure = null)
{
    await using var client = OrleansStreamClient.FromGrainFactory(NullCluster.Create(partitions, size, CompressionType.None));
    await using var producer = client.CreateProducer(configure);
    ReadOnlyMemory<byte> value = new byte[size];
    for (var i = 0; i < count; i++)
    {
        await producer.SendAsync("bench", new Message<Null, ReadOnlyMemory<byte>>(null, value), handler);
    }

    await producer.FlushAsync();
}

static async Task ProduceKeyedAsync(int count, int size)
{
    await using var client = OrleansStreamClient.FromGrainFactory(NullCluster.Create(12, size, CompressionType.None));
    await using var producer = client.CreateProducer<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>();
    var key = new byte[8];
    ReadOnlyMemory<byte> value = new byte[size];
    for (var i = 0; i < count; i++)
    {
        BitConverter.TryWriteBytes(key, i);
        await producer.SendAsync("bench", new Message<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>(key, value));
    }

    await producer.FlushAsync();
}

static async Task ProduceTextAsync(int count)
{
    await using var client = OrleansStreamClient.FromGrainFactory(NullCluster.Create(1, 100, CompressionType.None));
    await using var producer = client.CreateProducer<Null, string>();
    var value = new string('x', 100);
    for (var i = 0; i < count; i++)
    {
        await producer.SendAsync("bench", new Message<Null, string>(null, value));
    }

    await producer.FlushAsync();
}

static async Task ProduceAwaitedAsync(int count)
{
    await using var client = OrleansStreamClient.FromGrainFactory(NullCluster.Create(1, 100, CompressionType.None));
    await using var producer = client.CreateProducer<Null, ReadOnlyMemory<byte>>();
    ReadOnlyMemory<byte> value = new byte[100];
    var window = new ValueTask<DeliveryResult>[10_000];
    for (var i = 0; i < count; i++)
    {
        var place = i % window.Length;
        if (i >= window.Length)
        {
            await window[place];
        }

        window[place] = producer.ProduceAsync("bench", new Message<Null, ReadOnlyMemory<byte>>(null, value));
    }

    await producer.FlushAsync();
}

static async Task ConsumeAsync(int count, int size, CompressionType compression)
{
    await using var client = OrleansStreamClient.FromGrainFactory(NullCluster.Create(1, size, compression));
    await using var consumer = client.CreateConsumer<Ignore, ReadOnlyMemory<byte>>();
    consumer.Assign(new TopicPartitionOffset("bench", 0, OffsetSpec.Earliest));
    long bytes = 0;
    await foreach (var record in consumer.ConsumeAsync())
    {
        bytes += record.Value.Length;
        if (--count == 0)
        {
            break;
        }
    }

    GC.KeepAlive(bytes);
}

static async Task ConsumeBatchesAsync(int count, int size)
{
    await using var client = OrleansStreamClient.FromGrainFactory(NullCluster.Create(1, size, CompressionType.None));
    await using var consumer = client.CreateConsumer<Ignore, ReadOnlyMemory<byte>>();
    consumer.Assign(new TopicPartitionOffset("bench", 0, OffsetSpec.Earliest));
    long bytes = 0;
    await foreach (var batch in consumer.ConsumeBatchesAsync())
    {
        foreach (var record in batch)
        {
            bytes += record.Value.Length;
            count--;
        }

        if (count <= 0)
        {
            break;
        }
    }

    GC.KeepAlive(bytes);
}
