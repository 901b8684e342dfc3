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
}
