namespace OrleansStream.Grains.Hosting;

/// <summary>What a broker is started with. Everything else is broker configuration by Kafka's names (<see cref="Configs"/>).</summary>
public sealed class BrokerOptions
{
    /// <summary>The broker id (<c>broker.id</c>), 0 or more. Default 1.</summary>
    public int BrokerId { get; set; } = 1;

    /// <summary>The directory of logs and metadata (<c>log.dirs</c>). Default <c>./data</c>.</summary>
    public string DataDirectory { get; set; } = "./data";

    /// <summary>The host that clients are told (<c>advertised.listeners</c>). Default 127.0.0.1.</summary>
    public string AdvertisedHost { get; set; } = "127.0.0.1";

    /// <summary>The port of the Kafka listener that clients are told; 0 while there is none. Default 0.</summary>
    public int KafkaPort { get; set; }

    /// <summary>The cluster's id; null takes the one of the data directory, or makes one for a new directory.</summary>
    public string? ClusterId { get; set; }

    /// <summary>
    /// The ensemble of the cluster's brokers, <c>host:port,host:port/chroot</c> (<c>zookeeper.connect</c>); null for a broker by
    /// itself, with its metadata in the data directory.
    /// </summary>
    public string? ZooKeeper { get; set; }

    /// <summary>The rack (<c>broker.rack</c>); null for none.</summary>
    public string? Rack { get; set; }

    /// <summary>Broker configuration by Kafka's keys.</summary>
    public Dictionary<string, string> Configs { get; } = new(StringComparer.Ordinal);

    /// <summary>How many fetches may wait for data at a time; further ones are answered at once. Default 10,000.</summary>
    public int MaxWaitingFetches { get; set; } = 10_000;
}
