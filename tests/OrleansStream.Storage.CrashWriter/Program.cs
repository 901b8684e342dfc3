using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansStream.Storage;
using OrleansStream.Storage.CrashWriter;

// Arguments: data directory, seed, and "compact" for the other program below. Appends until it is killed, and prints a line for each batch once it is flushed:
// "partition offset number", or "start partition offset" for a log start offset.
var dataDirectory = args[0];
var seed = int.Parse(args[1], CultureInfo.InvariantCulture);
if (args is [_, _, "compact"])
{
    await CompactingWriter.RunAsync(dataDirectory, seed);
}

var options = new LogEnvironmentOptions { CheckpointInterval = TimeSpan.FromMilliseconds(1), QuietCheckpointTime = TimeSpan.FromMilliseconds(1) };
await using var environment = new LogEnvironment(options, TimeProvider.System, NullLoggerFactory.Instance);
using var output = Console.OpenStandardOutput();
var writing = new SemaphoreSlim(1);
await Task.WhenAll(Enumerable.Range(0, CrashRecords.Partitions).Select(partition => Task.Run(() => WriteAsync(partition))));

async Task WriteAsync(int partition)
{
    var random = new Random(HashCode.Combine(seed, partition));
    var log = await PartitionLog.OpenAsync(CrashRecords.Options(dataDirectory, partition, environment));
    var pending = new List<Task>();
    while (true)
    {
        var number = random.Next();
        var batch = CrashRecords.Make(number);
        await log.WaitForRoomAsync(batch.Length, CancellationToken.None);
        var offset = log.LogEndOffset;
        var end = log.Append(batch, offset, 0);
        pending.Add(AcknowledgeAsync(log, end, $"{partition} {offset} {number}\n"));

        // Now and then one at a time, otherwise as many as fit.
        if (pending.Count >= random.Next(1, 30))
        {
            await Task.WhenAll(pending);
            pending.Clear();
        }

        if (random.Next(200) == 0 && log.LogEndOffset - log.LogStartOffset > 2_000)
        {
            await Task.WhenAll(pending);
            await log.TruncateHeadAsync(log.LogEndOffset - 1_000, CancellationToken.None);
            await PrintAsync($"start {partition} {log.LogStartOffset}\n");
        }
    }
}

async Task AcknowledgeAsync(PartitionLog log, long end, string line)
{
    await log.FlushAsync(end, CancellationToken.None);
    await PrintAsync(line);
}

async Task PrintAsync(string line)
{
    await writing.WaitAsync();
    try
    {
        await output.WriteAsync(System.Text.Encoding.ASCII.GetBytes(line));
    }
    finally
    {
        writing.Release();
    }
}
