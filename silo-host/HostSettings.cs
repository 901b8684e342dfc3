namespace OrleansStream.SiloHost;

/// <summary>What the broker process was told to do: defaults, under appsettings.json, under the environment, under the command line.</summary>
internal sealed class HostSettings
{
    public int BrokerId { get; set; } = 1;

    public string Host { get; set; } = "127.0.0.1";

    /// <summary>Null: the same as <see cref="Host"/>.</summary>
    public string? AdvertisedHost { get; set; }

    public int KafkaPort { get; set; } = 9092;

    public int GatewayPort { get; set; } = 30000;

    public int SiloPort { get; set; } = 11111;

    public int DashboardPort { get; set; } = 8080;

    public string DataDirectory { get; set; } = "./data";

    public string? ZooKeeper { get; set; }

    public string? ClusterId { get; set; }

    public string? Rack { get; set; }

    public string LogLevel { get; set; } = "Warning";

    /// <summary>Broker configuration by Kafka's keys (<c>--set</c>).</summary>
    public Dictionary<string, string> Configs { get; } = new(StringComparer.Ordinal);
}
