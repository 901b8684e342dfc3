using Microsoft.Extensions.Logging;
using OrleansStream.Core.Replicas;

namespace OrleansStream.Grains.Partitions;

/// <summary>What partitions write to the log.</summary>
internal static partial class PartitionGrainLog
{
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
