using System.Globalization;
using OrleansStream.Faults.Network;
using OrleansStream.Faults.Running;

namespace OrleansStream.Faults.Processes;

/// <summary>A broker under a supervisor, as in production: a process that ends without being told to is started again.</summary>
public sealed class BrokerNode : IAsyncDisposable
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan RestartDelay = TimeSpan.FromSeconds(1);

    private readonly RunLog _log;
    private readonly string[] _command;
    private readonly string _logFile;
    private readonly Lock _gate = new();
    private ServerProcess? _process;
    private bool _wanted;

    internal BrokerNode(int id, ClusterNetwork network, string directory, string dataDirectory, string zooKeeper, RunLog log, IEnumerable<string> configs)
    {
        Id = id;
        _log = log;
        Endpoint = network.BrokerEndpoint(id);
        DataDirectory = dataDirectory;
        _logFile = Path.Combine(directory, $"broker-{id}.log");
        _command =
        [
            .. network.RunOn(ClusterNetwork.Broker(id)), BuildOutput.Dotnet, BuildOutput.SiloHost,
            "--broker-id", Text(id), "--host", Endpoint.Host, "--kafka-port", Text(Endpoint.KafkaPort), "--gateway-port", Text(Endpoint.GatewayPort),
            "--silo-port", Text(Endpoint.SiloPort), "--dashboard-port", "0", "--data-dir", DataDirectory, "--zookeeper", zooKeeper,
            "--log-level", "Information", .. configs.SelectMany(config => new[] { "--set", config }),
        ];
    }

    /// <summary>The broker's id.</summary>
    public int Id { get; }

    /// <summary>Where it listens.</summary>
    public BrokerEndpoint Endpoint { get; }

    /// <summary>Where its data are.</summary>
    public string DataDirectory { get; }

    /// <summary>How often it has ended by itself.</summary>
    public int EndedByItself { get; private set; }

    /// <summary>Starts it. From now on it is started again whenever it ends.</summary>
    public void Start()
    {
        lock (_gate)
        {
            _wanted = true;
            if (_process is null)
            {
                _process = ServerProcess.Start(_command, _logFile);
                _ = SuperviseAsync(_process);
            }
        }
    }

    /// <summary>Waits for the line with which a broker says that it serves; false if it has ended before.</summary>
    public async Task<bool> WhenReadyAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        ServerProcess? process;
        lock (_gate)
        {
            process = _process;
        }

        return process is not null
            && await process.FirstLine.WaitAsync(patience, cancellationToken) is { } line
            && line.StartsWith("ready ", StringComparison.Ordinal);
    }

    /// <summary>Stops or continues the process, or whatever the signal does; the supervisor is not told.</summary>
    public void Signal(Signal signal)
    {
        lock (_gate)
        {
            _process?.Signal(signal);
        }
    }

    /// <summary>Kill -9; it is not started again before <see cref="Start"/>.</summary>
    public async Task KillAsync()
    {
        if (Give() is { } process)
        {
            await process.DisposeAsync();
        }
    }

    /// <summary>SIGTERM, and waits for the end. One that does not end, or not with exit code 0, is a violation.</summary>
    public async Task ShutDownAsync()
    {
        if (Give() is not { } process)
        {
            return;
        }

        process.Signal(Processes.Signal.Terminate);
        try
        {
            await process.Exited.WaitAsync(StopPatience);
            if (process.ExitCode != 0)
            {
                _log.Violation($"broker {Id} ended with exit code {process.ExitCode} after SIGTERM");
            }
        }
        catch (TimeoutException)
        {
            _log.Violation($"broker {Id} did not end within {StopPatience.TotalSeconds:F0} s of SIGTERM");
        }

        await process.DisposeAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await KillAsync();

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);

    private ServerProcess? Give()
    {
        lock (_gate)
        {
            _wanted = false;
            var process = _process;
            _process = null;
            return process;
        }
    }

    private async Task SuperviseAsync(ServerProcess process)
    {
        await process.Exited;
        await Pace.ForAsync(RestartDelay, CancellationToken.None);
        lock (_gate)
        {
            if (!_wanted || _process != process)
            {
                return;
            }

            EndedByItself++;
            _log.Say($"broker {Id} has ended by itself with exit code {process.ExitCode}; it is started again");
            _process = null;
        }

        await process.DisposeAsync();
        lock (_gate)
        {
            if (_wanted)
            {
                Start();
            }
        }
    }
}
