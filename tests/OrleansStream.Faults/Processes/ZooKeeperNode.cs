using System.Globalization;
using OrleansStream.Faults.Network;

namespace OrleansStream.Faults.Processes;

/// <summary>Debian's Apache ZooKeeper, alone, with its data in a directory that outlives the process.</summary>
internal sealed class ZooKeeperNode : IAsyncDisposable
{
    private const string Jar = "/usr/share/java/zookeeper.jar";
    private const string Logger = "/usr/share/java/slf4j-simple.jar";

    private readonly string[] _command;
    private readonly string _logFile;
    private ServerProcess? _process;

    public ZooKeeperNode(ClusterNetwork network, string directory)
    {
        var data = Directory.CreateDirectory(Path.Combine(directory, "zookeeper")).FullName;
        var config = Path.Combine(directory, "zoo.cfg");
        _logFile = Path.Combine(directory, "zookeeper.log");
        var (host, port) = network.ZooKeeperEndpoint;
        Address = string.Create(CultureInfo.InvariantCulture, $"{host}:{port}");
        File.WriteAllLines(
            config,
            ["tickTime=1000", $"dataDir={data}", $"clientPort={port}", $"clientPortAddress={host}", "admin.enableServer=false", "maxClientCnxns=0"]);
        _command =
        [
            .. network.RunOn(ClusterNetwork.ZooKeeper), "java", "-Xmx256m", "-XX:+UseSerialGC", "-cp", $"{Jar}:{Logger}",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "org.apache.zookeeper.server.quorum.QuorumPeerMain", config,
        ];
    }

    /// <summary>Why it cannot run here; null if it can.</summary>
    public static string? WhyMissing
        => !File.Exists(Jar) ? $"Apache ZooKeeper is not installed ({Jar} is missing); on Debian: apt-get install zookeeper"
            : !(Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(directory => File.Exists(Path.Combine(directory, "java")))
                ? "java is not on the PATH, and ZooKeeper needs it; on Debian: apt-get install default-jre-headless"
                : null;

    public string Address { get; }

    public void Start() => _process = ServerProcess.Start(_command, _logFile);

    public async Task KillAsync()
    {
        if (Interlocked.Exchange(ref _process, null) is { } process)
        {
            await process.DisposeAsync();
        }
    }

    public ValueTask DisposeAsync() => new(KillAsync());
}
