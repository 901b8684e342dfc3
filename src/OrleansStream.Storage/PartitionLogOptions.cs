namespace OrleansStream.Storage;

/// <summary>Which log to open.</summary>
/// <param name="Directory">The log's own directory (<see cref="PartitionDirectories.PathOf"/>); made if it is missing.</param>
/// <param name="TopicPartition">The partition.</param>
/// <param name="TopicId">The topic's id; a directory of another topic id is refused.</param>
/// <param name="Config">The topic's configuration. The segment size counts when the log is made; existing files keep theirs.</param>
/// <param name="Environment">What the process's logs share.</param>
public sealed record PartitionLogOptions(
    string Directory,
    TopicPartition TopicPartition,
    Guid TopicId,
    LogConfig Config,
    LogEnvironment Environment);
