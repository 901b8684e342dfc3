using OrleansStream.Broker.Benchmarks;

switch (args.FirstOrDefault())
{
    case "allocations":
        return await AllocationBenchmark.RunAsync(args.Skip(1).FirstOrDefault());
    default:
        Console.Error.WriteLine("""
            dotnet run -c Release --project benchmarks/OrleansStream.Broker.Benchmarks -- COMMAND [DIR]

              allocations  bytes that a whole broker allocates per record, produced and consumed by `ostream bench`
                           from another process; exit code 1 above the limits

              DIR          where the broker's data goes (default: the system's temporary directory)
            """);
        return 2;
}
