using System.Diagnostics;

namespace OrleansStream.Storage.Benchmarks;

/// <summary>Resident memory of many logs with data, and how long it takes to open them all.</summary>
internal static class MemoryBenchmark
{
    public static async Task RunAsync(BenchmarkArguments arguments)
    {
        var count = arguments.Int("logs", 1000);
        var batches = arguments.Int("batches", 20);
        var batch = BenchmarkLogs.Batch(arguments.Int("batch", 16 * 1024));
        var directory = arguments.FreshDirectory("logs");
        Report("start", null);

        await using (var environment = BenchmarkLogs.Environment(arguments))
        {
            var logs = await OpenAllAsync(environment, directory, count);
            Report($"{count} new logs", environment);
            var measurement = new Measurement();
            for (var i = 0; i < batches; i++)
            {
                foreach (var log in logs)
                {
                    await log.WaitForRoomAsync(batch.Length, CancellationToken.None);
                    log.Append(batch, log.LogEndOffset, 0);
                }
            }

            await Task.WhenAll(logs.Select(log => log.FlushAsync(log.LogEndOffset, CancellationToken.None).AsTask()));
            Console.WriteLine($"appended {measurement.Stop((long)count * batches * batch.Length)}");
            Report("all of them just appended to", environment);
            while (environment.ActiveLogs > 0)
            {
                await Task.Delay(500);
            }

            Report("idle", environment);
            var close = new Measurement();
            await Task.WhenAll(logs.Select(log => log.DisposeAsync().AsTask()));
            Console.WriteLine($"closed in {close.Stop(1).Wall.TotalSeconds:F2} s");
        }

        await using (var environment = BenchmarkLogs.Environment(arguments))
        {
            var open = new Measurement();
            var logs = await OpenAllAsync(environment, directory, count);
            var opened = open.Stop(1);
            Console.WriteLine($"opened after a clean stop in {opened.Wall.TotalSeconds:F2} s, {opened.Processor.TotalSeconds:F2} CPU s");
            Report("opened again", environment);
            await Task.WhenAll(logs.Select(log => log.DisposeAsync().AsTask()));
        }

        foreach (var file in Directory.EnumerateFiles(directory, "checkpoint", SearchOption.AllDirectories))
        {
            File.Delete(file);
        }

        await using (var environment = BenchmarkLogs.Environment(arguments))
        {
            var open = new Measurement();
            var logs = await OpenAllAsync(environment, directory, count);
            var opened = open.Stop(1);
            Console.WriteLine($"opened without checkpoints in {opened.Wall.TotalSeconds:F2} s, {opened.Processor.TotalSeconds:F2} CPU s");
            await Task.WhenAll(logs.Select(log => log.DisposeAsync().AsTask()));
        }
    }

    private static Task<PartitionLog[]> OpenAllAsync(LogEnvironment environment, string directory, int count) =>
        Task.WhenAll(Enumerable.Range(0, count).Select(partition => BenchmarkLogs.OpenAsync(environment, directory, partition)));

    private static void Report(string what, LogEnvironment? environment)
    {
        var status = File.Exists("/proc/self/status")
            ? File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmRSS", StringComparison.Ordinal))
            : $"{Process.GetCurrentProcess().WorkingSet64 / 1024} kB";
        Console.WriteLine($"{what}: {status}, buffers {(environment?.BufferBytes ?? 0) >> 20} MiB, managed {GC.GetTotalMemory(false) >> 20} MiB");
    }
}
