using Microsoft.Extensions.Logging;
using OrleansStream.Core.Replicas;

namespace OrleansStream.Grains.Partitions;

/// <summary>What partitions write to the log.</summary>
internal static partial class PartitionGrainLog
{
    [LoggerMessage(21, LogLevel.Warning, "The log of {Partition} ends at {LogEndOffset} and is cut at {Offset}: the leader's history parts from it after epoch {Epoch}")]
    public static partial void Diverged(ILogger logger, TopicPartition partition, long logEndOffset, long offset, int epoch);

    [LoggerMessage(22, LogLevel.Warning, "The log of {Partition} with offsets {LogStartOffset} to {LogEndOffset} has nothing in common with the leader's any more and starts over at {Offset}")]
    public static partial void StartsOver(ILogger logger, TopicPartition partition, long logStartOffset, long logEndOffset, long offset);

    [LoggerMessage(23, LogLevel.Error, "A batch of {Partition} at offset {Offset} came from the leader with a wrong checksum; it is asked for again")]
    public static partial void BadCopy(ILogger logger, TopicPartition partition, long offset);

    [LoggerMessage(24, LogLevel.Error, "The ISR of {Partition} could not be changed")]
    public static partial void IsrFailed(ILogger logger, Exception exception, TopicPartition partition);

    [LoggerMessage(1, LogLevel.Error, "{Partition} cannot be opened and is offline on this broker")]
    public static partial void OpenFailed(ILogger logger, Exception exception, TopicPartition partition);

    [LoggerMessage(2, LogLevel.Error, "{Partition} is offline on this broker: its disk has failed")]
    public static partial void WentOffline(ILogger logger, Exception exception, TopicPartition partition);

    [LoggerMessage(3, LogLevel.Debug, "{Partition} is {Role} of epoch {LeaderEpoch}; its log ends at {LogEndOffset}")]
    public static partial void RoleChanged(ILogger logger, TopicPartition partition, ReplicaRole role, int leaderEpoch, long logEndOffset);

    [LoggerMessage(4, LogLevel.Warning, "{Partition} refused the controller's word: {Error}, {Message}")]
    public static partial void LeadershipRefused(ILogger logger, TopicPartition partition, ErrorCode error, string? message);

    [LoggerMessage(5, LogLevel.Warning, "{Partition} belongs to topic id {OldTopicId}, which is gone; its log gives way to that of topic id {NewTopicId}")]
    public static partial void TopicIdChanged(ILogger logger, TopicPartition partition, Guid oldTopicId, Guid newTopicId);

    [LoggerMessage(6, LogLevel.Error, "{Partition} could not be closed")]
    public static partial void StopFailed(ILogger logger, Exception exception, TopicPartition partition);

    [LoggerMessage(7, LogLevel.Warning, "{Partition} rebuilds its producer state from the whole log, since the snapshot cannot be used: {Problem}")]
    public static partial void SnapshotUnusable(ILogger logger, TopicPartition partition, string problem);

    [LoggerMessage(8, LogLevel.Warning, "{Partition} could not save its producer state; the next recovery reads more of the log")]
    public static partial void SnapshotFailed(ILogger logger, Exception exception, TopicPartition partition);

    [LoggerMessage(10, LogLevel.Error, "{Partition} is closed before its disk has taken offsets {FlushedOffset} to {LogEndOffset}; they were not acknowledged")]
    public static partial void FlushGivenUp(ILogger logger, TopicPartition partition, long flushedOffset, long logEndOffset);

    [LoggerMessage(9, LogLevel.Information, "{Partition} dropped offsets {Before} to {LogStartOffset} by retention")]
    public static partial void RetentionApplied(ILogger logger, TopicPartition partition, long before, long logStartOffset);
}
