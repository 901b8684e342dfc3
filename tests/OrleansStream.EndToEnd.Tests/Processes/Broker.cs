using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using OrleansStream.Client;
using OrleansStream.Faults.Network;

namespace OrleansStream.EndToEnd.Tests.Processes;

/// <summary>A real broker process on ports and a data directory of its own.</summary>
internal sealed partial class Broker : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StringBuilder _error = new();
    private readonly Task _readingError;

    private Broker(Process process, BrokerAddress address)
    {
        _process = process;
        Address = address;
        _readingError = ReadErrorAsync();
    }

    /// <summary>Its ports and directory, to start it there again.</summary>
    public BrokerAddress Address { get; }

    /// <summary>The line that it printed when it was ready.</summary>
    public string ReadyLine { get; private set; } = "";

    /// <summary>From the process' start to the ready line.</summary>
    public TimeSpan StartTime { get; private set; }

    /// <summary>What it has written to stderr so far.</summary>
    public string Error
    {
        get
        {
            lock (_error)
            {
                return _error.ToString();
            }
        }
    }

    /// <summary>Starts a broker and waits for its ready line.</summary>
    public static Task<Broker> StartAsync(BrokerAddress address, params string[] options) =>
        StartAsync(DotnetProgram.Start(BuildOutput.SiloHost, [.. address.ToOptions(), .. options]), address);

    /// <summary>Waits for the ready line of a process that was just started.</summary>
    public static async Task<Broker> StartAsync(Process process, BrokerAddress address)
    {
        var stopwatch = Stopwatch.StartNew();
        var broker = new Broker(process, address);
        string? line;
        try
        {
            line = await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask()
                .WaitAsync(StartTimeout, TestContext.Current.CancellationToken);
        }
        catch (TimeoutException)
        {
            var error = broker.Error;
            await broker.DisposeAsync();
            throw new TimeoutException($"The broker printed no ready line within {StartTimeout}. Its stderr: {error}");
        }

        if (line is null || !ReadyPattern().IsMatch(line))
        {
            await broker.DisposeAsync();
            throw new InvalidOperationException($"Expected the broker's ready line but got '{line}'. Its stderr: {broker.Error}");
        }

        broker.ReadyLine = line;
        broker.StartTime = stopwatch.Elapsed;
        return broker;
    }

    /// <summary>Starts a broker that is expected to refuse.</summary>
    public static Task<CommandResult> StartRefusedAsync(BrokerAddress address, params string[] options) =>
        DotnetProgram.Start(BuildOutput.SiloHost, [.. address.ToOptions(), .. options]).RunToEndAsync();

    /// <summary>Runs <c>ostream</c> against this broker.</summary>
    public Task<CommandResult> OstreamAsync(params string[] arguments) => OstreamAsync(null, arguments);

    /// <summary>Runs <c>ostream</c> against this broker with the given input.</summary>
    public Task<CommandResult> OstreamAsync(Func<Stream, Task>? writeInput, params string[] arguments) =>
        StartOstream(arguments).RunToEndAsync(writeInput);

    /// <summary>Starts <c>ostream</c> against this broker.</summary>
    public Process StartOstream(params string[] arguments) =>
        DotnetProgram.Start(BuildOutput.Ostream, [.. arguments, "--bootstrap", Address.Gateway]);

    /// <summary>The broker that is the controller, as this one knows it.</summary>
    public async Task<int> ControllerAsync()
    {
        var described = await OstreamAsync("cluster", "describe", "--json");
        described.ShouldSucceed();
        return ControllerPattern().Match(Encoding.UTF8.GetString(described.OutputBytes)) is { Success: true } match
            ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)
            : throw new InvalidOperationException($"No controller in {Encoding.UTF8.GetString(described.OutputBytes)}");
    }

    /// <summary>A native client of this broker.</summary>
    public Task<OrleansStreamClient> ConnectAsync() =>
        OrleansStreamClient.ConnectAsync(Address.Gateway, cancellationToken: TestContext.Current.CancellationToken);

    /// <summary>Sends SIGTERM and waits for the end; what it wrote to stdout after the ready line is returned.</summary>
    public async Task<(int ExitCode, string RestOfOutput)> StopAsync()
    {
        _process.SendTerminate();
        return await WaitForExitAsync("SIGTERM");
    }

    /// <summary>Sends SIGINT, as Ctrl-C does, and waits for the end.</summary>
    public async Task<(int ExitCode, string RestOfOutput)> InterruptAsync()
    {
        _process.SendInterrupt();
        return await WaitForExitAsync("SIGINT");
    }

    /// <summary>Kill -9.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(StopTimeout, TestContext.Current.CancellationToken);
    }

    /// <summary>Its resident memory now.</summary>
    public long ResidentBytes
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        await _readingError;
        _process.Dispose();
    }

    private async Task<(int ExitCode, string RestOfOutput)> WaitForExitAsync(string signal)
    {
        try
        {
            var rest = await _process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken).WaitAsync(StopTimeout, TestContext.Current.CancellationToken);
            await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(StopTimeout, TestContext.Current.CancellationToken);
            return (_process.ExitCode, rest);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"The broker did not end within {StopTimeout} of {signal}. Its stderr: {Error}");
        }
    }

    private async Task ReadErrorAsync()
    {
        while (await _process.StandardError.ReadLineAsync(CancellationToken.None) is { } line)
        {
            lock (_error)
            {
                _error.AppendLine(line);
            }
        }
    }

    [GeneratedRegex(@"^ready kafka=\S+:\d+ gateway=\S+:\d+ dashboard=\S+ data=.+$")]
    private static partial Regex ReadyPattern();

    [GeneratedRegex(@"controllerId.\s*:\s*(-?\d+)")]
    private static partial Regex ControllerPattern();
}

/// <summary>Where a broker listens and keeps its data.</summary>
internal sealed record BrokerAddress(int KafkaPort, int GatewayPort, int SiloPort, string DataDirectory)
{
    public string Gateway => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{GatewayPort}");

    /// <summary>Free ports and the given directory.</summary>
    public static BrokerAddress In(string dataDirectory)
    {
        var ports = FreePorts.Take(3);
        return new BrokerAddress(ports[0], ports[1], ports[2], dataDirectory);
    }

    public string[] ToOptions() =>
    [
        "--kafka-port", Text(KafkaPort), "--gateway-port", Text(GatewayPort), "--silo-port", Text(SiloPort),
        "--dashboard-port", "0", "--data-dir", DataDirectory,
    ];

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
