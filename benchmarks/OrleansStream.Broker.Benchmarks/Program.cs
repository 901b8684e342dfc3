using OrleansStream.Broker.Benchmarks;
using OrleansStream.Broker.Benchmarks.Groups;

switch (args.FirstOrDefault())
{
    case "allocations":
        return await AllocationBenchmark.RunAsync(args.Skip(1).FirstOrDefault());
    case "groups":
        return await GroupsBenchmark.RunAsync(args.Skip(1).FirstOrDefault());
    default:
        Console.Error.WriteLine("""
            dotnet run -c Release --project benchmarks/OrleansStream.Broker.Benchmarks -- COMMAND [DIR]

              allocations  bytes that a whole broker allocates per record, produced and consumed by `ostream bench`
                           from another process; exit code 1 above the limits
              groups       10,000 groups with 100 offsets each: memory, commits/s, recovery; with HOST:PORT instead of DIR the
                           commits of a broker that runs already, of Apache Kafka too

              DIR          where the broker's data goes (default: the system's temporary directory)
            """);
        return 2;
}
