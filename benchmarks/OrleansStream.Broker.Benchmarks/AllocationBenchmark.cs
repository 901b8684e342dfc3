using System.Diagnostics;
using System.Globalization;
using System.Net;
using OrleansStream.SiloHost;

namespace OrleansStream.Broker.Benchmarks;

/// <summary>
/// What the whole broker allocates per record, from socket to log and back: the broker runs in this process, its client in
/// another. A record's own bytes lie in the array that its frame is read into; the limits are for what comes on top.
/// </summary>
internal static class AllocationBenchmark
{
    private static readonly (int Size, int Records, double MaxBeyondProduced, double MaxBeyondConsumed)[] Cases =
    [
        (100, 2_000_000, 30, 60),
        (1024, 500_000, 100, 300),
    ];

    public static async Task<int> RunAsync(string? directory)
    {
        var data = Path.Combine(directory ?? Path.GetTempPath(), $"ostream-bench-{Environment.ProcessId}");
        using var stop = new CancellationTokenSource();
        var ready = new ReadyLine();
        var settings = HostArguments.Read(["--data-dir", data, "--kafka-port", "0", "--gateway-port", "0", "--silo-port", "0", "--dashboard-port", "0"], string.Empty, new Dictionary<string, string>());
        var endpoints = Endpoints.Claim(settings);
        var broker = BrokerProcess.RunAsync(settings, endpoints, ready, stop.Token);
        await Task.WhenAny(ready.Seen, broker);
        var isWithinLimits = true;
        try
        {
            foreach (var limits in Cases)
            {
                isWithinLimits &= await MeasureAsync(endpoints.GatewayPort, limits);
            }
        }
        finally
        {
            await stop.CancelAsync();
            await broker;
            Directory.Delete(data, recursive: true);
        }

        return isWithinLimits ? 0 : 1;
    }

    private static async Task<bool> MeasureAsync(int port, (int Size, int Records, double MaxBeyondProduced, double MaxBeyondConsumed) limits)
    {
        var topic = $"b{limits.Size}";
        var size = limits.Size.ToString(CultureInfo.InvariantCulture);
        var records = limits.Records.ToString(CultureInfo.InvariantCulture);
        await ClientAsync(port, "produce", topic, "--partitions", "6", "--size", size, "--records", "100000");
        var produced = await AllocatedAsync(() => ClientAsync(port, "produce", topic, "--size", size, "--records", records)) / limits.Records;
        await ClientAsync(port, "consume", topic, "--records", "100000");
        var consumed = await AllocatedAsync(() => ClientAsync(port, "consume", topic, "--records", records)) / limits.Records;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{limits.Size} B records: {produced:F1} bytes allocated per record produced (limit {limits.Size + limits.MaxBeyondProduced}), {consumed:F1} per record consumed (limit {limits.Size + limits.MaxBeyondConsumed})"));
        return produced <= limits.Size + limits.MaxBeyondProduced && consumed <= limits.Size + limits.MaxBeyondConsumed;
    }

    private static async Task<double> AllocatedAsync(Func<Task> action)
    {
        var before = GC.GetTotalAllocatedBytes(precise: true);
        await action();
        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }

    private static async Task ClientAsync(int port, string command, params string[] arguments)
    {
        var tool = Path.Combine(Root(), "src", "OrleansStream.Cli", "bin", "Release", "net10.0", "ostream.dll");
        using var client = Process.Start(new ProcessStartInfo(
            Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet",
            [tool, "bench", command, .. arguments, "--bootstrap", new IPEndPoint(IPAddress.Loopback, port).ToString()])
        {
            RedirectStandardOutput = true,
        })!;
        await client.StandardOutput.ReadToEndAsync();
        await client.WaitForExitAsync();
        if (client.ExitCode != 0)
        {
            throw new InvalidOperationException($"ostream bench {command} ended with exit code {client.ExitCode}.");
        }
    }

    private static string Root()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "OrleansStream.sln")))
        {
            directory = directory.Parent;
        }

        return directory?.FullName ?? throw new InvalidOperationException("This program lies outside the repository.");
    }

    private sealed class ReadyLine : StringWriter
    {
        private readonly TaskCompletionSource _seen = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ReadyLine()
            : base(CultureInfo.InvariantCulture)
        {
        }

        public Task Seen => _seen.Task;

        public override Task WriteLineAsync(string? value)
        {
            _seen.TrySetResult();
            return base.WriteLineAsync(value);
        }
    }
}
