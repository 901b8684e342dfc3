using OrleansStream.Storage.Benchmarks;

// Each figure stands beside the raw one of the same run: on a machine with other load only the ratios mean something.
var bench = new BenchmarkArguments(args);
switch (bench.Command)
{
    case "throughput":
        await ThroughputBenchmark.RunAsync(bench);
        return 0;
    case "latency":
        await LatencyBenchmark.RunAsync(bench);
        return 0;
    case "read":
        await ReadBenchmark.RunAsync(bench);
        return 0;
    case "memory":
        await MemoryBenchmark.RunAsync(bench);
        return 0;
    case "compaction":
        return await CompactionBenchmark.RunAsync(bench);
    case "allocations":
        return await AllocationBenchmark.RunAsync(bench);
    default:
        Console.Error.WriteLine("""
            dotnet run -c Release --project benchmarks/OrleansStream.Storage.Benchmarks -- COMMAND [--name value]...

              throughput   append and flush beside a raw FasterLog loop with the same bytes
                           --mib 1024 --batch 16384 --page 65536 --buffer 4194304 --rounds 3
              latency      one append and its flush at a time, beside a raw synchronous write
                           --count 500 --batch 1024 --pause-us 1000
              read         sequential reads of a whole log from disk and from memory
                           --mib 1024 --batch 16384 --max-bytes 1048576
              memory       resident memory of many logs: appended to, idle, opened again
                           --logs 1000 --batch 16384 --batches 20
              compaction   many records over fewer keys down to one a key; exit code 1 if one is lost
                           --records 50000000 --keys 1000000 --value 40 --dedupe-mib 128
              allocations  allocated bytes per append and per read; exit code 1 above the limits

              --dir DIR    where the files go (default: the system's temporary directory)
            """);
        return 2;
}
