using OrleansStream.Grains.Partitions;

namespace OrleansStream.Grains.Replication;

/// <summary>Wakes followers' fetches when something was appended; clients' fetches wait for the high watermark instead.</summary>
internal sealed class AppendSignals
{
    /// <summary>The waiting fetches.</summary>
    public PartitionSignals Signals { get; } = new();
}
