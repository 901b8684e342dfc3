namespace OrleansStream.Simulation.Tests;

/// <summary>Known fixes undone in the simulated shell, to show that the checker finds what they are for.</summary>
[Flags]
internal enum Flaws
{
    None = 0,

    /// <summary>Followers cut their logs to their own high watermark and compare no epochs: Kafka before KIP-101.</summary>
    TruncateToHighWatermark = 1,

    /// <summary>A controller writes without conditions, and brokers obey every controller.</summary>
    NoControllerFencing = 2,

    /// <summary>Leaders commit with a single replica whatever min.insync.replicas says.</summary>
    CommitBelowMinInSync = 4,

    /// <summary>Leaders answer fetches of any leader epoch: Kafka before KIP-320.</summary>
    NoFetchFencing = 8,

    /// <summary>Brokers obey what was meant for an earlier registration of theirs: Kafka before KIP-380.</summary>
    NoBrokerEpochs = 16,

    /// <summary>A broker that comes back without its logs does not say so, and is taken for the one that was in sync: Kafka before KIP-966.</summary>
    TrustLostDisks = 32,

    /// <summary>A controller decides on the assignments that it knows, though they may be others by then.</summary>
    StaleAssignments = 64,
}
