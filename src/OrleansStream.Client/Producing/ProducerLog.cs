using Microsoft.Extensions.Logging;

namespace OrleansStream.Client;

/// <summary>What a producer logs.</summary>
internal sealed partial class ProducerLog(ILoggerFactory loggerFactory)
{
    private readonly ILogger _logger = loggerFactory.CreateLogger("OrleansStream.Client.Producer");

    [LoggerMessage(1, LogLevel.Debug, "Producing with producer id {ProducerId}, epoch {ProducerEpoch}")]
    public partial void ProducerIdTaken(long producerId, short producerEpoch);

    [LoggerMessage(2, LogLevel.Warning, "{TopicPartition}: {Error} ({Message}) at attempt {Attempts}; trying again in {Pause}")]
    public partial void Retrying(TopicPartition topicPartition, ErrorCode error, string? message, int attempts, TimeSpan pause);

    [LoggerMessage(3, LogLevel.Warning, "{TopicPartition} cannot be sent to: {Message}; trying again in {Pause}")]
    public partial void CannotPrepare(TopicPartition topicPartition, string message, TimeSpan pause);

    [LoggerMessage(4, LogLevel.Warning, "{TopicPartition}: {Error} for the first unsettled batch (producer {ProducerId}, epoch {ProducerEpoch}, sequence {BaseSequence}); going on under a new epoch. If no record before it was reported as failed, the leader has lost records that it had acknowledged")]
    public partial void SequenceRefused(TopicPartition topicPartition, ErrorCode error, long producerId, short producerEpoch, int baseSequence);

    [LoggerMessage(5, LogLevel.Information, "{TopicPartition}: a batch of {Bytes} bytes with {RecordCount} records is larger than the topic allows; it is split, and batches are made of at most {BatchSize} bytes from now on")]
    public partial void Split(TopicPartition topicPartition, int bytes, int recordCount, int batchSize);

    [LoggerMessage(6, LogLevel.Error, "{TopicPartition}: {RecordCount} records were not delivered: {Message}")]
    public partial void Failed(TopicPartition topicPartition, int recordCount, string message);

    [LoggerMessage(7, LogLevel.Error, "A delivery handler or interceptor failed")]
    public partial void HandlerFailed(Exception exception);

    [LoggerMessage(8, LogLevel.Error, "Records were still undelivered {DisposeTimeout} after the producer was disposed; they fail")]
    public partial void DisposedUnflushed(TimeSpan disposeTimeout);

    [LoggerMessage(9, LogLevel.Error, "{FailedCount} records that nobody waited for were not delivered; the first: {Message}")]
    public partial void Lost(long failedCount, string message);

    [LoggerMessage(10, LogLevel.Debug, "The metadata of {Topic} cannot be refreshed: {Message}")]
    public partial void CannotRefresh(string topic, string message);
}
