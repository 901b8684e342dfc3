// Calls per second, MB/s and CPU time of calls inside a silo and over TCP, both ends in this process.
// dotnet run -c Release --project benchmarks/OrleansStream.Engine.Benchmarks [-- SECONDS-PER-MEASUREMENT [ONLY-NAMES-WITH-THIS-TEXT]]
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.TestingHost;
using OrleansStream.Engine.Benchmarks;

var duration = TimeSpan.FromSeconds(args.Length > 0 ? double.Parse(args[0], CultureInfo.InvariantCulture) : 3);
var only = args.Length > 1 ? args[1] : "";
var start = Stopwatch.StartNew();
await using var cluster = new InProcessTestClusterBuilder(1).Build();
await cluster.DeployAsync();
Console.WriteLine($"silo and client ready in {start.ElapsedMilliseconds} ms");
var local = cluster.GetSiloServiceProvider().GetRequiredService<IGrainFactory>();
using var cancellation = new CancellationTokenSource();

Console.WriteLine($"{"what",-34}{"calls/s",12}{"MB/s",10}{"CPU us/call",14}{"CPU s/GB",12}{"alloc B/call",14}{"gen0/1/2",14}");
await MeasureAsync("in silo, one after another", local, 100, 1, 1, isSource: false);
await MeasureAsync("in silo, 100 B, 64 at once", local, 100, 64, 16, isSource: false);
await MeasureAsync("in silo, 1 MiB, 8 at once", local, 1 << 20, 8, 8, isSource: false);
await MeasureAsync("TCP, 100 B, one after another", cluster.Client, 100, 1, 1, isSource: false);
await MeasureAsync("TCP, 100 B, 64 at once", cluster.Client, 100, 64, 16, isSource: false);
await MeasureAsync("TCP, 100 B, 512 at once", cluster.Client, 100, 512, 16, isSource: false);
await MeasureAsync("TCP, 16 KiB in, 64 at once", cluster.Client, 16 << 10, 64, 16, isSource: false);
await MeasureAsync("TCP, 1 MiB in, 8 at once", cluster.Client, 1 << 20, 8, 8, isSource: false);
await MeasureAsync("TCP, 16 KiB out, 64 at once", cluster.Client, 16 << 10, 64, 16, isSource: true);
await MeasureAsync("TCP, 1 MiB out, 8 at once", cluster.Client, 1 << 20, 8, 8, isSource: true);

async Task MeasureAsync(string name, IGrainFactory grains, int size, int concurrency, int grainCount, bool isSource)
{
    if (!name.Contains(only, StringComparison.OrdinalIgnoreCase))
    {
        return;
    }

    var payload = new byte[size];
    await RunAsync(TimeSpan.FromSeconds(Math.Min(1, duration.TotalSeconds)));
    GC.Collect();
    var process = Process.GetCurrentProcess();
    var cpuBefore = process.TotalProcessorTime;
    var allocatedBefore = GC.GetTotalAllocatedBytes();
    int[] collectionsBefore = [GC.CollectionCount(0), GC.CollectionCount(1), GC.CollectionCount(2)];
    var watch = Stopwatch.StartNew();
    var calls = await RunAsync(duration);
    var elapsed = watch.Elapsed.TotalSeconds;
    process.Refresh();
    var cpu = (process.TotalProcessorTime - cpuBefore).TotalSeconds;
    var allocated = (GC.GetTotalAllocatedBytes() - allocatedBefore) / calls;
    var gigabytes = calls * (double)size / 1e9;
    var collections = $"{GC.CollectionCount(0) - collectionsBefore[0]}/{GC.CollectionCount(1) - collectionsBefore[1]}/{GC.CollectionCount(2) - collectionsBefore[2]}";
    Console.WriteLine($"{name,-34}{calls / elapsed,12:N0}{gigabytes * 1000 / elapsed,10:N0}{cpu * 1e6 / calls,14:N2}{cpu / gigabytes,12:N2}{allocated,14:N0}{collections,14}");

    async Task<long> RunAsync(TimeSpan time)
    {
        var end = Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency);
        var counts = await Task.WhenAll(Enumerable.Range(0, concurrency).Select(worker => Task.Run(async () =>
        {
            var grain = grains.GetGrain<IBenchGrain>(worker % grainCount);
            var count = 0L;
            while (Stopwatch.GetTimestamp() < end)
            {
                if (isSource)
                {
                    await grain.SourceAsync(size, cancellation.Token);
                }
                else
                {
                    await grain.SinkAsync(payload, cancellation.Token);
                }

                count++;
            }

            return count;
        })));
        return counts.Sum();
    }
}
