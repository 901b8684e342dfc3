using OrleansStream.Abstractions;
using OrleansStream.Storage;

namespace OrleansStream.Grains.Partitions;

/// <content>Reads and look-ups.</content>
internal sealed partial class OpenReplica
{
    /// <summary>Reads what is there.</summary>
    public async Task<PartitionReadResponse> ReadAsync(PartitionReadRequest request, CancellationToken cancellationToken)
    {
        var decision = Replica.DecideRead(request.Offset, request.CurrentLeaderEpoch, request.IsolationLevel, request.AllowsFollower);
        if (!decision.IsSuccess)
        {
            return ReadAnswer(decision.Error, decision.Message, default);
        }

        if (request.Nearby is { } nearby && Replica.PreferredReadReplica(nearby, request.Offset) is >= 0 and var preferred)
        {
            return ReadAnswer(ErrorCode.None, null, default) with { PreferredReadReplica = preferred };
        }

        if (request.Offset >= decision.Value)
        {
            return ReadAnswer(ErrorCode.None, null, default);
        }

        try
        {
            var read = await Log.ReadAsync(
                request.Offset, decision.Value, Math.Max(0, request.MaxBytes), request.MinOneMessage, cancellationToken);
            return read.Status == LogReadStatus.Ok
                ? ReadAnswer(ErrorCode.None, null, read.Records)
                : ReadAnswer(
                    ErrorCode.OffsetOutOfRange,
                    $"Offset {request.Offset} of {TopicPartition} is out of range: the partition holds {Log.LogStartOffset} to {Log.LogEndOffset}.",
                    default);
        }
        catch (LogOfflineException exception)
        {
            GoOffline(exception);
            return ReadAnswer(ErrorCode.KafkaStorageError, exception.Message, default);
        }
        catch (ObjectDisposedException) when (_isClosing)
        {
            return ReadAnswer(ErrorCode.NotLeaderOrFollower, $"{TopicPartition} was closed on this broker.", default);
        }
    }

    /// <summary>The idempotent producers that the leader knows.</summary>
    public DescribeProducersResponse DescribeProducers()
        => Replica.DecideLatest(-1, IsolationLevel.ReadUncommitted) is { IsSuccess: false } refused
            ? new DescribeProducersResponse(refused.Error, refused.Message, [])
            : new DescribeProducersResponse(
                ErrorCode.None,
                null,
                [
                    .. Replica.Producers.Describe().Select(producer => new ProducerDescription(
                        producer.ProducerId, producer.ProducerEpoch, producer.LastSequence, producer.LastTimestampMs)),
                ]);

    /// <summary>Kafka's ListOffsets.</summary>
    public async Task<ListOffsetResponse> ListOffsetAsync(ListOffsetRequest request, CancellationToken cancellationToken)
    {
        var allowed = Replica.CheckLeaderEpoch(request.CurrentLeaderEpoch);
        if (!allowed.IsSuccess)
        {
            return NotFound(allowed.Error);
        }

        var latest = Replica.DecideLatest(request.CurrentLeaderEpoch, request.IsolationLevel);
        switch (request.Timestamp)
        {
            case ListOffsetTimestamps.Earliest:
                return new ListOffsetResponse(ErrorCode.None, Replica.LogStartOffset, -1, -1);
            case ListOffsetTimestamps.Latest:
                return latest.IsSuccess
                    ? new ListOffsetResponse(ErrorCode.None, latest.Value, -1, Replica.LeaderEpoch)
                    : NotFound(latest.Error);
        }

        // What lies above the allowed end does not exist for the caller; while a new leader does not know where
        // that end is, it cannot say "there is none".
        var (error, end) = latest.IsSuccess ? (ErrorCode.None, latest.Value) : (latest.Error, Replica.HighWatermark);
        var timestamp = request.Timestamp;
        if (timestamp == ListOffsetTimestamps.MaxTimestamp)
        {
            // The log knows the batch; the answer is the first record that has the timestamp.
            (timestamp, var lastOffset) = Log.MaxTimestamp;
            if (lastOffset < 0)
            {
                return NotFound(error);
            }
        }
        else if (timestamp < 0)
        {
            return NotFound(ErrorCode.InvalidRequest);
        }

        try
        {
            var found = await Log.FindOffsetByTimestampAsync(timestamp, end, cancellationToken);
            return found is { } record
                ? new ListOffsetResponse(ErrorCode.None, record.Offset, record.Timestamp, record.LeaderEpoch)
                : NotFound(error);
        }
        catch (LogOfflineException exception)
        {
            GoOffline(exception);
            return NotFound(ErrorCode.KafkaStorageError);
        }
        catch (ObjectDisposedException) when (_isClosing)
        {
            return NotFound(ErrorCode.NotLeaderOrFollower);
        }
    }

    /// <summary>Where a leader epoch ends.</summary>
    public OffsetForLeaderEpochResponse OffsetForLeaderEpoch(OffsetForLeaderEpochRequest request)
    {
        var allowed = Replica.CheckLeaderEpoch(request.CurrentLeaderEpoch);
        if (!allowed.IsSuccess)
        {
            return new OffsetForLeaderEpochResponse(allowed.Error, -1, -1);
        }

        if (request.LeaderEpoch == Replica.LeaderEpoch)
        {
            // The current epoch goes on to the log's end, even if nothing was appended in it yet.
            return new OffsetForLeaderEpochResponse(ErrorCode.None, Replica.LeaderEpoch, Replica.LogEndOffset);
        }

        if (request.LeaderEpoch > Replica.LeaderEpoch || request.LeaderEpoch < 0)
        {
            return new OffsetForLeaderEpochResponse(ErrorCode.None, -1, -1);
        }

        var (epoch, endOffset) = Log.EndOffsetForEpoch(request.LeaderEpoch);
        return new OffsetForLeaderEpochResponse(ErrorCode.None, epoch, endOffset);
    }

    private static ListOffsetResponse NotFound(ErrorCode error) => new(error, -1, -1, -1);

    private PartitionReadResponse ReadAnswer(ErrorCode error, string? message, ReadOnlyMemory<byte> records) => new(
        error, message, Replica.HighWatermark, Replica.LastStableOffset, Replica.LogStartOffset, Replica.LeaderEpoch, records);
}
