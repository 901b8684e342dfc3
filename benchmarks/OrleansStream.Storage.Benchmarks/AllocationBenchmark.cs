namespace OrleansStream.Storage.Benchmarks;

/// <summary>Allocated bytes per append and per read, with limits: an allocation that creeps in fails the run.</summary>
internal static class AllocationBenchmark
{
    private const double MaxBytesPerAppend = 200;
    private const double MaxBytesPerTailReadBeyondResult = 200;

    public static async Task<int> RunAsync(BenchmarkArguments arguments)
    {
        const int count = 20_000;
        var batch = BenchmarkLogs.Batch(arguments.Int("batch", 16 * 1024));
        await using var environment = BenchmarkLogs.Environment(arguments);
        await using var log = await BenchmarkLogs.OpenAsync(environment, arguments.FreshDirectory("log"));
        await AppendAsync(log, batch, 2_000);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        await AppendAsync(log, batch, count);
        var perAppend = (GC.GetTotalAllocatedBytes(precise: true) - before) / (double)count;

        var offset = log.LogEndOffset - 1;
        await log.ReadAsync(offset, long.MaxValue, 1 << 20, true, CancellationToken.None);
        before = GC.GetTotalAllocatedBytes(precise: true);
        for (var i = 0; i < count; i++)
        {
            await log.ReadAsync(offset, long.MaxValue, 1 << 20, true, CancellationToken.None);
        }

        var perRead = ((GC.GetTotalAllocatedBytes(precise: true) - before) / (double)count) - batch.Length;
        Console.WriteLine($"allocated per append {perAppend:F0} bytes (limit {MaxBytesPerAppend}), per read at the tail {perRead:F0} bytes beyond the result (limit {MaxBytesPerTailReadBeyondResult})");
        return perAppend <= MaxBytesPerAppend && perRead <= MaxBytesPerTailReadBeyondResult ? 0 : 1;
    }

    private static async Task AppendAsync(PartitionLog log, byte[] batch, int count)
    {
        for (var i = 0; i < count; i++)
        {
            await log.WaitForRoomAsync(batch.Length, CancellationToken.None);
            log.Append(batch, log.LogEndOffset, 0);
        }

        await log.FlushAsync(log.LogEndOffset, CancellationToken.None);
    }
}
