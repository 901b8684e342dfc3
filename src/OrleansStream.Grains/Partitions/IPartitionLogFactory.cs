using OrleansStream.Storage;

namespace OrleansStream.Grains.Partitions;

/// <summary>Opens the logs of this broker's replicas.</summary>
public interface IPartitionLogFactory
{
    /// <summary>Opens a partition's log, making it if there is none, and recovers it.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="topicId">The topic's id. A log of another topic of that name is moved aside first.</param>
    /// <param name="config">The log's configuration.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="LogOfflineException">The log cannot be used.</exception>
    ValueTask<OpenedLog> OpenAsync(TopicPartition partition, Guid topicId, LogConfig config, CancellationToken cancellationToken);

    /// <summary>Deletes the log of a partition that is not open, if there is one: its replica was dropped before it was opened here.</summary>
    /// <exception cref="IOException">It cannot be deleted.</exception>
    ValueTask DeleteAsync(TopicPartition partition);
}

/// <summary>An open log.</summary>
/// <param name="Log">The log; disposing of it closes it cleanly.</param>
/// <param name="Directory">Its directory, where the producer snapshot lies as well; null when there is none.</param>
public sealed record OpenedLog(IPartitionLog Log, string? Directory);
