using System.Globalization;
using Microsoft.Extensions.Logging;
using OrleansStream.ZooKeeper;

namespace OrleansStream.SiloHost;

/// <summary>One option of the process: its name on the command line, in appsettings.json and (as a variable) in the environment.</summary>
internal sealed record HostOption(string Name, string ValueName, string Description, Action<HostSettings, string> Set)
{
    /// <summary>All options, in the order of the help.</summary>
    public static IReadOnlyList<HostOption> All { get; } =
    [
        new("broker-id", "ID", "the broker's id, 0 or more (default 1)", (s, v) => s.BrokerId = Integer(v, 0, int.MaxValue)),
        new("host", "HOST", "the address to listen at (default 127.0.0.1)", (s, v) => s.Host = Text(v)),
        new("advertised-host", "HOST", "the host that clients are told (default: --host)", (s, v) => s.AdvertisedHost = Text(v)),
        new("kafka-port", "PORT", "the port for Kafka clients (default 9092; 0: off)", (s, v) => s.KafkaPort = Port(v)),
        new("gateway-port", "PORT", "the port for ostream and the .NET client (default 30000; 0: any free one)", (s, v) => s.GatewayPort = Port(v)),
        new("silo-port", "PORT", "the port for other brokers (default 11111; 0: any free one)", (s, v) => s.SiloPort = Port(v)),
        new("dashboard-port", "PORT", "the port of the dashboard, which this version does not have yet (default 8080; 0: off)", (s, v) => s.DashboardPort = Port(v)),
        new("data-dir", "DIR", "the directory of logs and metadata (default ./data)", (s, v) => s.DataDirectory = Text(v)),
        new("zookeeper", "LIST", "HOST:PORT,.../chroot of the ZooKeeper that the brokers of a cluster share (default: none, one broker by itself)", (s, v) => s.ZooKeeper = ZooKeeper(v)),
        new("cluster-id", "ID", "the cluster's id (default: that of the data directory)", (s, v) => s.ClusterId = Text(v)),
        new("rack", "NAME", "the broker's rack (default: none)", (s, v) => s.Rack = Text(v)),
        new("log-level", "LEVEL", "Trace, Debug, Information, Warning, Error or None: what is logged to stderr (default Warning)", (s, v) => s.LogLevel = Level(v)),
        new("set", "KEY=VALUE", "any broker configuration by its Kafka name; may be repeated", SetConfig),
    ];

    /// <summary>The variable in the environment.</summary>
    public string Variable => "OSTREAM_" + Name.ToUpperInvariant().Replace('-', '_');

    /// <summary>Takes a value.</summary>
    /// <param name="settings">Where it goes.</param>
    /// <param name="value">The value.</param>
    /// <param name="source">How the user wrote it, for the message.</param>
    /// <exception cref="UsageException">The value does not fit.</exception>
    public void Apply(HostSettings settings, string value, string source)
    {
        try
        {
            Set(settings, value);
        }
        catch (FormatException exception)
        {
            throw new UsageException($"{source} is '{value}'; it must be {exception.Message}.");
        }
    }

    private static int Port(string value) => Integer(value, 0, 65535);

    private static int Integer(string value, int minimum, int maximum)
        => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= minimum && number <= maximum
            ? number
            : throw new FormatException(
                maximum == int.MaxValue ? $"a whole number of {minimum} or more" : $"a whole number between {minimum} and {maximum}");

    private static string Text(string value)
        => string.IsNullOrWhiteSpace(value) ? throw new FormatException("a text that is not empty") : value;

    private static string ZooKeeper(string value)
        => ConnectString.TryParse(value, out _, out _) ? value : throw new FormatException("HOST:PORT,HOST:PORT/chroot");

    private static string Level(string value)
        => Enum.TryParse<LogLevel>(value, ignoreCase: true, out var level) && Enum.IsDefined(level)
            ? level.ToString()
            : throw new FormatException("Trace, Debug, Information, Warning, Error, Critical or None");

    private static void SetConfig(HostSettings settings, string value)
    {
        var equals = value.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
        {
            throw new FormatException("KEY=VALUE, for example num.partitions=3");
        }

        settings.Configs[value[..equals].Trim()] = value[(equals + 1)..].Trim();
    }
}
