namespace OrleansStream.Client;

/// <summary>An offset that a group stores for a partition.</summary>
/// <param name="Offset">The offset of the next record to be consumed.</param>
/// <param name="LeaderEpoch">The leader epoch of the last record consumed; -1 if unknown (KIP-320).</param>
/// <param name="Metadata">A note of the application; empty for none.</param>
public readonly record struct CommittedOffset(long Offset, int LeaderEpoch = -1, string Metadata = "");
