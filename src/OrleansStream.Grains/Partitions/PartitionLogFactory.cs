using Microsoft.Extensions.Logging;
using OrleansStream.Core.Configuration;
using OrleansStream.Grains.DataDirectories;
using OrleansStream.Storage;

namespace OrleansStream.Grains.Partitions;

/// <summary>Opens logs on FASTER in the data directory, all in one environment.</summary>
internal sealed partial class PartitionLogFactory : IPartitionLogFactory, IAsyncDisposable
{
    private readonly DataDirectoryHolder _directory;
    private readonly ILogger<PartitionLogFactory> _logger;
    private readonly Lazy<LogEnvironment> _environment;

    public PartitionLogFactory(DataDirectoryHolder directory, ITopicConfigs configs, TimeProvider time, ILoggerFactory loggers)
    {
        _directory = directory;
        _logger = loggers.CreateLogger<PartitionLogFactory>();
        _environment = new Lazy<LogEnvironment>(() => new LogEnvironment(
            new LogEnvironmentOptions
            {
                BufferBudgetBytes = configs.Broker.Get(BrokerConfigKeys.LogBufferMemoryBytes),
                ReadAheadBudgetBytes = configs.Broker.Get(BrokerConfigKeys.LogReadAheadMemoryBytes),
            }, time, loggers));
    }

    public async ValueTask<OpenedLog> OpenAsync(TopicPartition partition, Guid topicId, LogConfig config, CancellationToken cancellationToken)
    {
        var directory = PartitionDirectories.PathOf(_directory.Directory.LogsPath, partition);
        if (PartitionIdentity.TryReadTopicId(directory) is { } found && found != topicId)
        {
            LogStray(_logger, partition, found, topicId, StrayLogs.MoveAside(directory));
        }

        var log = await PartitionLog.OpenAsync(
            new PartitionLogOptions(directory, partition, topicId, config, _environment.Value), cancellationToken);
        return new OpenedLog(log, directory);
    }

    public async ValueTask DeleteAsync(TopicPartition partition)
    {
        if (await Task.Run(() => PartitionDirectories.Delete(_directory.Directory.LogsPath, partition)))
        {
            LogDeleted(_logger, partition);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_environment.IsValueCreated)
        {
            await _environment.Value.DisposeAsync();
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "The log of {Partition} belongs to topic id {FoundTopicId}, not to {TopicId}: its topic was deleted and made again. It was moved to {Directory}, where it can be deleted")]
    private static partial void LogStray(ILogger logger, TopicPartition partition, Guid foundTopicId, Guid topicId, string directory);

    [LoggerMessage(2, LogLevel.Information, "The log of {Partition} was deleted; its replica was dropped while this broker was away")]
    private static partial void LogDeleted(ILogger logger, TopicPartition partition);
}
