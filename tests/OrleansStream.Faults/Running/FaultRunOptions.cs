namespace OrleansStream.Faults.Running;

/// <summary>What a run does.</summary>
public sealed record FaultRunOptions
{
    /// <summary>Number of brokers; each partition has a replica on every one.</summary>
    public int Brokers { get; init; } = 3;

    /// <summary>Partitions of the topic.</summary>
    public int Partitions { get; init; } = 6;

    /// <summary>Records per second, over all partitions.</summary>
    public int Rate { get; init; } = 10_000;

    /// <summary>The clients of Kafka's protocol that produce and read beside the native one, by name.</summary>
    public IReadOnlyList<string> With { get; init; } = [];

    /// <summary>Records per second of each of them.</summary>
    public int ClientRate { get; init; } = 500;

    /// <summary>Bytes of a record's value, 40 or more; other clients than the native one send 160 at least.</summary>
    public int ValueBytes { get; init; } = 100;

    /// <summary>How long faults go on in all.</summary>
    public TimeSpan Length { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long one topic is written to before it is read on every replica and given up for the next one.</summary>
    public TimeSpan RoundLength { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The seed of all that is random.</summary>
    public int Seed { get; init; }

    /// <summary>The names of the faults to choose from; empty for all that this machine can do.</summary>
    public IReadOnlyList<string> Faults { get; init; } = [];

    /// <summary>Whether the faults come in the given order, each once, and the run ends with the last.</summary>
    public bool IsScript { get; init; }

    /// <summary>How many times of a hundred a second fault comes before the first is over.</summary>
    public int OverlapPercent { get; init; }

    /// <summary>The factor on how long faults and the quiet between them last.</summary>
    public double Duration { get; init; } = 1;

    /// <summary>Broker configurations, KEY=VALUE.</summary>
    public IReadOnlyList<string> Configs { get; init; } = [];

    /// <summary>Where data and logs of the run are.</summary>
    public required string Directory { get; init; }
}
