using OrleansStream.Abstractions;
using OrleansStream.Core.Configuration;
using OrleansStream.Core.Replicas;
using OrleansStream.Storage;

namespace OrleansStream.Grains.Partitions;

/// <content>What happens from time to time: retention, expiry of producers, producer snapshots; and DeleteRecords.</content>
internal sealed partial class OpenReplica
{
    /// <summary>After so many appended bytes a snapshot is due, so that a recovery reads no more than about that much.</summary>
    private const long SnapshotIntervalBytes = 16 * 1024 * 1024;

    private long _bytesSinceSnapshot;
    private long _snapshotOffset;
    private long _lastRetentionMs;
    private bool _isSavingProducers;
    private bool _isCutting;
    private int _cuts;

    /// <summary>Does what is due.</summary>
    public async Task MaintainAsync(BrokerConfig broker, CancellationToken cancellationToken)
    {
        if (_isClosing || Replica.Role == ReplicaRole.Offline)
        {
            return;
        }

        Replica.Producers.Expire(NowMs, broker.Get(BrokerConfigKeys.ProducerIdExpirationMs));
        await SaveProducersAsync();
        if (NowMs - _lastRetentionMs >= broker.Get(BrokerConfigKeys.LogRetentionCheckIntervalMs))
        {
            _lastRetentionMs = NowMs;
            await ApplyRetentionAsync(cancellationToken);
        }
    }

    /// <summary>Kafka's DeleteRecords.</summary>
    public async Task<DeleteRecordsResponse> DeleteRecordsAsync(long beforeOffset, CancellationToken cancellationToken)
    {
        await _truncation.WaitAsync(cancellationToken);
        try
        {
            var decision = Replica.DecideDeleteRecords(beforeOffset);
            if (!decision.IsSuccess)
            {
                return new DeleteRecordsResponse(decision.Error, -1);
            }

            await Log.TruncateHeadAsync(decision.Value, cancellationToken);
            CarryOut(Replica.OnLogStartAdvanced(Log.LogStartOffset));
            return new DeleteRecordsResponse(ErrorCode.None, Replica.LogStartOffset);
        }
        catch (LogOfflineException exception)
        {
            GoOffline(exception);
            return new DeleteRecordsResponse(ErrorCode.KafkaStorageError, -1);
        }
        finally
        {
            _truncation.Release();
        }
    }

    private async Task ApplyRetentionAsync(CancellationToken cancellationToken)
    {
        await _truncation.WaitAsync(cancellationToken);
        try
        {
            var before = Replica.LogStartOffset;
            CarryOut(Replica.OnLogStartAdvanced(
                await Log.ApplyRetentionAsync(NowMs, Replica.HighWatermark, cancellationToken)));
            if (Replica.LogStartOffset > before)
            {
                PartitionGrainLog.RetentionApplied(_services.Logger, TopicPartition, before, Replica.LogStartOffset);
            }
        }
        catch (LogOfflineException exception)
        {
            GoOffline(exception);
        }
        finally
        {
            _truncation.Release();
        }
    }

    private void SnapshotAfter(int appendedBytes)
    {
        _bytesSinceSnapshot += appendedBytes;
        if (_bytesSinceSnapshot >= SnapshotIntervalBytes && !_isSavingProducers)
        {
            _ = SaveProducersAsync();
        }
    }

    /// <summary>Writes a snapshot if anything was appended since the last one. Its failure costs time at the next recovery, nothing else.</summary>
    private async Task SaveProducersAsync()
    {
        var producers = Replica.Producers;
        if (_snapshots is null || _isSavingProducers || _isCutting || producers.EndOffset == _snapshotOffset)
        {
            return;
        }

        _isSavingProducers = true;
        var (offset, cuts) = (producers.EndOffset, _cuts);
        try
        {
            var snapshot = ProducerSnapshotFile.Encode(producers, Log.LatestEpoch);
            _bytesSinceSnapshot = 0;
            await Log.FlushAsync(offset, CancellationToken.None);
            if (cuts != _cuts)
            {
                // It speaks for records that are gone; its epoch would say so.
                return;
            }

            await _snapshots.WriteAsync(snapshot, CancellationToken.None);
            _snapshotOffset = cuts == _cuts ? offset : -1;
        }
        catch (InvalidOperationException) when (cuts != _cuts)
        {
            // The records were cut off before they were flushed.
        }
        catch (LogOfflineException exception)
        {
            GoOffline(exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            PartitionGrainLog.SnapshotFailed(_services.Logger, exception, TopicPartition);
        }
        finally
        {
            _isSavingProducers = false;
        }
    }
}
