using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace OrleansStream.ZooKeeper.Tests.Servers;

/// <summary>A server process on loopback. It is there as soon as a client gets through: clients wait for it by themselves.</summary>
internal sealed class ZooKeeperServer : IAsyncDisposable
{
    private const int MaxLogLines = 200;

    private readonly ConcurrentQueue<string> _log = new();
    private readonly string _directory;
    private readonly string _config;
    private Process? _process;

    public ZooKeeperServer(int port, IEnumerable<string>? settings = null, int? id = null)
    {
        Port = port;
        _directory = Directory.CreateTempSubdirectory("ostream-zookeeper-").FullName;
        if (id is not null)
        {
            File.WriteAllText(Path.Combine(_directory, "myid"), $"{id}\n");
        }

        _config = Path.Combine(_directory, "zoo.cfg");
        File.WriteAllLines(
            _config,
            [
                "tickTime=500",
                $"dataDir={_directory}/data",
                "admin.enableServer=false",
                "4lw.commands.whitelist=srvr",
                "maxClientCnxns=0",
                $"clientPort={port}",
                "clientPortAddress=127.0.0.1",
                .. settings ?? [],
            ]);
        Directory.CreateDirectory(Path.Combine(_directory, "data"));
        if (id is not null)
        {
            File.Move(Path.Combine(_directory, "myid"), Path.Combine(_directory, "data", "myid"));
        }
    }

    public int Port { get; }

    public string Address => $"127.0.0.1:{Port}";

    /// <summary>The last lines of the server's log, for a failure's message.</summary>
    public string Log => string.Join('\n', _log);

    public static int FreePort()
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    public ZooKeeperServer Start()
    {
        var start = new ProcessStartInfo(ZooKeeperInstallation.Java) { RedirectStandardError = true, RedirectStandardOutput = true };
        string[] arguments =
        [
            "-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
            "-Dzookeeper.forceSync=no",
            "-Dzookeeper.preAllocSize=64",
            "-Dzookeeper.extendedTypesEnabled=true",
            "-Dznode.container.checkIntervalMs=200",
            "-Dzookeeper.serverCnxnFactory=org.apache.zookeeper.server.NettyServerCnxnFactory",
            "-cp", ZooKeeperInstallation.ClassPath,
            "org.apache.zookeeper.server.quorum.QuorumPeerMain", _config,
        ];
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        _process = Process.Start(start) ?? throw new InvalidOperationException("java did not start.");
        _process.ErrorDataReceived += (_, line) => Note(line.Data);
        _process.OutputDataReceived += (_, line) => Note(line.Data);
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        return this;
    }

    /// <summary>Ends the process at once, as kill -9 does.</summary>
    public async Task KillAsync()
    {
        if (_process is { } process)
        {
            _process = null;
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }

    /// <summary>What the server says of itself: standalone, leader or follower; null if it does not serve.</summary>
    public async Task<string?> ModeAsync(CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Port, cancellationToken);
        await client.GetStream().WriteAsync("srvr"u8.ToArray(), cancellationToken);
        using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
        var answer = await reader.ReadToEndAsync(cancellationToken);
        return answer.Split('\n').FirstOrDefault(line => line.StartsWith("Mode: ", StringComparison.Ordinal))?["Mode: ".Length..].Trim();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private void Note(string? line)
    {
        if (line is not null)
        {
            _log.Enqueue(line);
            while (_log.Count > MaxLogLines)
            {
                _log.TryDequeue(out _);
            }
        }
    }
}
