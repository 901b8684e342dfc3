using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace OrleansStream.Broker.Benchmarks.Groups;

/// <summary>A broker's process, and what it costs.</summary>
internal sealed class BrokerUnderTest : IDisposable
{
    private readonly Process _process;
    private readonly long _started = Stopwatch.GetTimestamp();

    private BrokerUnderTest(Process process, int port)
    {
        _process = process;
        Port = port;
    }

    public int Port { get; }

    /// <summary>From the start of the process to its ready line.</summary>
    public TimeSpan ReadyAfter { get; private set; }

    public TimeSpan SinceStart => Stopwatch.GetElapsedTime(_started);

    public long ResidentMiB
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64 >> 20;
        }
    }

    public TimeSpan CpuTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public static async Task<BrokerUnderTest> StartAsync(string dataDirectory)
    {
        var ports = FreePorts(3);
        string[] options =
        [
            Path.Combine(AppContext.BaseDirectory, "silo-host.dll"), "--data-dir", dataDirectory, "--dashboard-port", "0",
            "--kafka-port", Text(ports[0]), "--gateway-port", Text(ports[1]), "--silo-port", Text(ports[2]),
        ];
        var host = Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";
        var broker = new BrokerUnderTest(Process.Start(new ProcessStartInfo(host, options) { RedirectStandardOutput = true })!, ports[0]);
        var line = await broker._process.StandardOutput.ReadLineAsync();
        broker.ReadyAfter = broker.SinceStart;
        return line?.StartsWith("ready ", StringComparison.Ordinal) == true
            ? broker
            : throw new InvalidOperationException($"The broker printed '{line}' instead of its ready line.");
    }

    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async Task StopAsync()
    {
        using var signal = Process.Start("kill", ["-TERM", Text(_process.Id)]);
        await _process.WaitForExitAsync();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToArray();
        Array.ForEach(listeners, listener => listener.Start());
        var ports = Array.ConvertAll(listeners, listener => ((IPEndPoint)listener.LocalEndpoint).Port);
        Array.ForEach(listeners, listener => listener.Dispose());
        return ports;
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
