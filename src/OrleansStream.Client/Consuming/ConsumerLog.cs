using Microsoft.Extensions.Logging;

namespace OrleansStream.Client;

/// <summary>What a consumer logs.</summary>
internal sealed partial class ConsumerLog(ILoggerFactory loggerFactory)
{
    private readonly ILogger _logger = loggerFactory.CreateLogger("OrleansStream.Client.Consumer");

    [LoggerMessage(101, LogLevel.Warning, "{TopicPartition}: offset {Offset} is out of range ({LogStartOffset} to {EndOffset}); going on at {Reset}")]
    public partial void OutOfRange(TopicPartition topicPartition, long offset, long logStartOffset, long endOffset, AutoOffsetReset reset);

    [LoggerMessage(102, LogLevel.Warning, "{TopicPartition} cannot be read: {Message}; trying again in {Pause}")]
    public partial void CannotRead(TopicPartition topicPartition, string message, TimeSpan pause);

    [LoggerMessage(103, LogLevel.Debug, "{TopicPartition}: starting at offset {Offset} with leader {Leader}")]
    public partial void Starting(TopicPartition topicPartition, long offset, int leader);

    [LoggerMessage(106, LogLevel.Debug, "{TopicPartition}: reading from broker {BrokerId}, which is nearer than the leader")]
    public partial void ReadsFromFollower(TopicPartition topicPartition, int brokerId);

    [LoggerMessage(104, LogLevel.Warning, "The fetch of {PartitionCount} partitions from broker {BrokerId} failed: {Message}")]
    public partial void FetchFailed(int partitionCount, int brokerId, string message);

    [LoggerMessage(105, LogLevel.Error, "An interceptor failed")]
    public partial void InterceptorFailed(Exception exception);
}
