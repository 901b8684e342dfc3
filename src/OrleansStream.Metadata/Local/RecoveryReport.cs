namespace OrleansStream.Metadata.Local;

/// <summary>What was found when the store was opened.</summary>
/// <param name="SnapshotZxid">The transaction of the snapshot; 0 without one.</param>
/// <param name="TransactionCount">The transactions that were replayed on top of it.</param>
/// <param name="TornBytes">The bytes of transactions that were being written when the process or machine died; they had not been acknowledged and were cut off.</param>
public sealed record RecoveryReport(long SnapshotZxid, int TransactionCount, int TornBytes);
