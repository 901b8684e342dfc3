namespace OrleansStream.Simulation.Tests;

/// <summary>A cluster and what befalls it.</summary>
internal sealed record SimOptions
{
    public int Brokers { get; init; } = 3;

    public int Partitions { get; init; } = 1;

    public int MinInSyncReplicas { get; init; } = 2;

    public int Producers { get; init; } = 2;

    /// <summary>How long faults happen, milliseconds.</summary>
    public long ChaosMs { get; init; } = 500;

    /// <summary>The longest time between two faults, milliseconds; 0 for none.</summary>
    public int FaultEveryMs { get; init; } = 40;

    public int LossOneIn { get; init; } = 40;

    public int LateOneIn { get; init; } = 30;

    public bool AllowsReassignment { get; init; }

    /// <summary>Whether brokers are taken for dead while they live.</summary>
    public bool RemovesLiving { get; init; }

    public Flaws Flaws { get; init; }

    /// <summary>Keeps a log of what happened, for people.</summary>
    public bool IsLogging { get; init; }
}
