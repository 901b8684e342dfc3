using Microsoft.Extensions.Logging;

namespace OrleansStream.Storage;

/// <content>Log messages.</content>
public sealed partial class PartitionLog
{
    private void LogWentOffline(TopicPartition topicPartition, string reason) =>
        WentOffline(_environment.Logger, topicPartition, reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "{TopicPartition} went offline: {Reason}")]
    private static partial void WentOffline(ILogger logger, TopicPartition topicPartition, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{TopicPartition}: cut an unfinished write at address {Address} (offset {Offset}) in {File}: {Reason}")]
    private static partial void CutTornTail(ILogger logger, TopicPartition topicPartition, long address, long offset, string file, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "{TopicPartition}: recovered {Bytes} bytes after the last checkpoint, up to offset {LogEndOffset}, in {Milliseconds} ms")]
    private static partial void Recovered(ILogger logger, TopicPartition topicPartition, long bytes, long logEndOffset, long milliseconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{TopicPartition}: {What} in {Directory}; the log is scanned from its first segment")]
    private static partial void ScanningEverything(ILogger logger, TopicPartition topicPartition, string what, string directory);

    [LoggerMessage(Level = LogLevel.Information, Message = "{TopicPartition}: records from offset {LogEndOffset} on were truncated")]
    private static partial void TruncatedTail(ILogger logger, TopicPartition topicPartition, long logEndOffset);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{TopicPartition}: records before offset {LogStartOffset} were removed; {Segments} segments freed")]
    private static partial void TruncatedHead(ILogger logger, TopicPartition topicPartition, long logStartOffset, int segments);

    [LoggerMessage(Level = LogLevel.Information, Message = "{TopicPartition}: compacted up to offset {CleanedOffset}: {RecordsKept} of {RecordsRead} records stay, {BytesAfter} of {BytesBefore} bytes")]
    private static partial void Compacted(ILogger logger, TopicPartition topicPartition, long cleanedOffset, long recordsRead, long recordsKept, long bytesBefore, long bytesAfter);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{TopicPartition}: what a pass of compaction has left in {Directory} could not be deleted; it will be later")]
    private static partial void LeftoverKept(ILogger logger, TopicPartition topicPartition, string directory, Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "{TopicPartition}: a listener of flushed offsets failed")]
    private static partial void ListenerFailed(ILogger logger, TopicPartition topicPartition, Exception exception);
}
