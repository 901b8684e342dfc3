using Microsoft.Extensions.Logging;
using OrleansStream.Abstractions;
using OrleansStream.Core.Groups;
using OrleansStream.Core.Groups.Records;
using OrleansStream.Protocol;
using OrleansStream.Protocol.Kafka;
using OrleansStream.Protocol.Records;

namespace OrleansStream.Grains.Groups;

/// <summary>Rebuilds a coordinator from its partition.</summary>
internal sealed partial class CoordinatorLoader(IPartitionGrain partition, TopicPartition topicPartition, int leaderEpoch, GroupServices services)
{
    private static readonly TimeSpan HighWatermarkPollInterval = TimeSpan.FromMilliseconds(10);

    private int _records;

    /// <summary>Replays the whole log, as far as it goes now.</summary>
    /// <returns>The coordinator; null if the partition could not be read, which was logged.</returns>
    public async Task<GroupCoordinator?> LoadAsync(int readBytes, CancellationToken cancellationToken)
    {
        var started = services.Time.GetTimestamp();
        var machine = new GroupCoordinator(services.Settings);
        var described = await partition.DescribeAsync(cancellationToken);
        var (offset, end) = (described.LogStartOffset, described.LogEndOffset);
        using var reader = new RecordReader();
        while (offset < end)
        {
            // A turn of loading for each piece: what waits for its replicas below keeps nobody else from loading.
            await services.Loads.Slots.WaitAsync(cancellationToken);
            PartitionReadResponse read;
            try
            {
                read = await partition.ReadAsync(
                    new PartitionReadRequest(offset, readBytes, leaderEpoch, IsolationLevel.ReadUncommitted, MinOneMessage: true), cancellationToken);
                foreach (var batch in RecordBatch.Enumerate(read.Records))
                {
                    Replay(machine, reader, batch.Memory, offset);
                    offset = Math.Max(offset, batch.Header.NextOffset);
                }
            }
            finally
            {
                services.Loads.Slots.Release();
            }

            if (read.Error != ErrorCode.None)
            {
                LogLoadFailed(services.Logger, topicPartition, read.Error, read.ErrorMessage);
                return null;
            }

            if (read.Records.IsEmpty)
            {
                // What an earlier leader left is committed once the replicas have it.
                await Task.Delay(HighWatermarkPollInterval, services.Time, cancellationToken);
            }
        }

        LogLoaded(services.Logger, topicPartition, leaderEpoch, machine.GroupCount, _records, services.Time.GetElapsedTime(started).TotalMilliseconds);
        return machine;
    }

    private void Replay(GroupCoordinator machine, RecordReader reader, ReadOnlyMemory<byte> batch, long from)
    {
        reader.Open(batch);
        if (reader.Header.IsControl)
        {
            return;
        }

        while (reader.TryRead(out var record))
        {
            if (record.Offset < from || reader.GetKeyMemory(record) is not { } key)
            {
                continue;
            }

            try
            {
                if (CoordinatorRecordCodec.Read(key, reader.GetValueMemory(record)) is { } known)
                {
                    machine.Replay(known);
                    _records++;
                }
            }
            catch (Exception exception) when (exception is ProtocolException or KafkaProtocolException)
            {
                // Somebody else's record, or one of a later version: the others still count.
                LogUnreadable(services.Logger, exception, topicPartition, record.Offset);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Coordinating the groups of {Partition} in leader epoch {LeaderEpoch}: {Groups} groups from {Records} records in {Milliseconds:0} ms")]
    private static partial void LogLoaded(ILogger logger, TopicPartition partition, int leaderEpoch, int groups, int records, double milliseconds);

    [LoggerMessage(2, LogLevel.Warning, "The groups of {Partition} cannot be loaded: {Error}, {Reason}")]
    private static partial void LogLoadFailed(ILogger logger, TopicPartition partition, ErrorCode error, string? reason);

    [LoggerMessage(3, LogLevel.Warning, "The record of {Partition} at offset {Offset} cannot be read and is left out")]
    private static partial void LogUnreadable(ILogger logger, Exception exception, TopicPartition partition, long offset);
}
