using OrleansStream.Protocol.Records;
using OrleansStream.Storage;

namespace OrleansStream.Grains.Tests.Doubles;

/// <summary>A log in memory whose flushes, room and failures the test decides.</summary>
internal sealed class FakePartitionLog(TopicPartition partition) : IPartitionLog
{
    private readonly List<(RecordBatchHeader Header, byte[] Bytes)> _batches = [];
    private readonly List<(long Offset, TaskCompletionSource Done)> _flushes = [];
    private readonly Queue<TaskCompletionSource> _room = new();

    public event Action<IPartitionLog>? FlushedOffsetAdvanced;

    public bool HasRoom { get; set; } = true;

    public bool IsClosed { get; private set; }

    public bool IsDeleted { get; private set; }

    public LogConfig? Config { get; private set; }

    public TopicPartition TopicPartition { get; } = partition;

    public long LogStartOffset { get; private set; }

    public long LogEndOffset { get; private set; }

    public long FlushedOffset { get; private set; }

    public long SizeBytes => _batches.Sum(batch => batch.Bytes.Length);

    public int LatestEpoch => _batches.Count == 0 ? -1 : _batches[^1].Header.PartitionLeaderEpoch;

    public (long Timestamp, long Offset) MaxTimestamp
        => _batches.Count == 0 ? (-1, -1) : _batches.Select(batch => (batch.Header.MaxTimestamp, batch.Header.LastOffset)).MaxBy(pair => pair.MaxTimestamp);

    public string? OfflineReason { get; private set; }

    public IReadOnlyList<RecordBatchHeader> Headers => [.. _batches.Select(batch => batch.Header)];

    public byte[] BytesOf(int batch) => _batches[batch].Bytes;

    /// <summary>Lets one waiter in after the other.</summary>
    public void MakeRoom()
    {
        HasRoom = true;
        while (_room.TryDequeue(out var waiter))
        {
            waiter.TrySetResult();
        }
    }

    /// <summary>Makes everything up to an offset durable.</summary>
    public void Flush(long? offset = null)
    {
        FlushedOffset = offset ?? LogEndOffset;
        foreach (var (_, done) in _flushes.Where(flush => flush.Offset <= FlushedOffset))
        {
            done.TrySetResult();
        }

        FlushedOffsetAdvanced?.Invoke(this);
    }

    /// <summary>The disk fails.</summary>
    public void Fail(string reason)
    {
        OfflineReason = reason;
        foreach (var (_, done) in _flushes)
        {
            done.TrySetException(new LogOfflineException(reason));
        }

        while (_room.TryDequeue(out var waiter))
        {
            waiter.TrySetException(new LogOfflineException(reason));
        }

        FlushedOffsetAdvanced?.Invoke(this);
    }

    /// <summary>The disk fails, and nobody has noticed yet.</summary>
    public void FailSilently(string reason) => OfflineReason = reason;

    /// <summary>The bytes of room that were given back.</summary>
    public int ReturnedRoom { get; private set; }

    public void ReturnRoom(int bytes) => ReturnedRoom += bytes;

    public ValueTask WaitForRoomAsync(int bytes, CancellationToken cancellationToken)
    {
        ThrowIfOffline();
        if (HasRoom)
        {
            return ValueTask.CompletedTask;
        }

        var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        cancellationToken.Register(() => waiter.TrySetCanceled(cancellationToken));
        _room.Enqueue(waiter);
        return new ValueTask(waiter.Task);
    }

    public long Append(ReadOnlyMemory<byte> batch, long baseOffset, int leaderEpoch)
    {
        ThrowIfOffline();
        baseOffset.ShouldBeGreaterThanOrEqualTo(LogEndOffset);
        var bytes = batch.ToArray();
        RecordBatch.SetBaseOffset(bytes, baseOffset);
        RecordBatch.SetPartitionLeaderEpoch(bytes, leaderEpoch);
        RecordBatchHeader.TryRead(bytes, out var header).ShouldBeTrue();
        _batches.Add((header, bytes));
        return LogEndOffset = header.NextOffset;
    }

    public ValueTask FlushAsync(long offset, CancellationToken cancellationToken)
    {
        ThrowIfOffline();
        if (offset <= FlushedOffset)
        {
            return ValueTask.CompletedTask;
        }

        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _flushes.Add((offset, done));
        return new ValueTask(done.Task);
    }

    public async ValueTask<LogReadResult> ReadAsync(
        long offset, long maxOffset, int maxBytes, bool minOneMessage, Func<int, Memory<byte>> allocate, CancellationToken cancellationToken)
    {
        var read = await ReadAsync(offset, maxOffset, maxBytes, minOneMessage, cancellationToken);
        var records = allocate(read.Records.Length);
        read.Records.CopyTo(records);
        return read with { Records = records };
    }

    public ValueTask<LogReadResult> ReadAsync(long offset, long maxOffset, int maxBytes, bool minOneMessage, CancellationToken cancellationToken)
    {
        ThrowIfOffline();
        if (offset < LogStartOffset || offset > LogEndOffset)
        {
            return ValueTask.FromResult(new LogReadResult(LogReadStatus.OffsetOutOfRange, default));
        }

        var records = new List<byte>();
        foreach (var (header, bytes) in _batches.Where(batch => batch.Header.LastOffset >= offset && batch.Header.LastOffset < maxOffset))
        {
            if (records.Count + bytes.Length > maxBytes && !(minOneMessage && records.Count == 0))
            {
                break;
            }

            records.AddRange(bytes);
        }

        return ValueTask.FromResult(new LogReadResult(LogReadStatus.Ok, records.ToArray()));
    }

    public ValueTask<TimestampOffset?> FindOffsetByTimestampAsync(long timestamp, long maxOffset, CancellationToken cancellationToken)
    {
        var found = _batches.FirstOrDefault(batch => batch.Header.MaxTimestamp >= timestamp && batch.Header.LastOffset < maxOffset);
        return ValueTask.FromResult<TimestampOffset?>(found.Bytes is null
            ? null
            : new TimestampOffset(found.Header.BaseOffset, found.Header.BaseTimestamp, found.Header.PartitionLeaderEpoch));
    }

    public (int Epoch, long EndOffset) EndOffsetForEpoch(int epoch)
    {
        var last = _batches.LastOrDefault(batch => batch.Header.PartitionLeaderEpoch <= epoch);
        return last.Bytes is null ? (-1, -1) : (last.Header.PartitionLeaderEpoch, last.Header.NextOffset);
    }

    public ValueTask TruncateHeadAsync(long offset, CancellationToken cancellationToken)
    {
        ThrowIfOffline();
        LogStartOffset = Math.Max(LogStartOffset, offset);
        return ValueTask.CompletedTask;
    }

    public ValueTask TruncateTailAsync(long offset, CancellationToken cancellationToken)
    {
        ThrowIfOffline();
        _batches.RemoveAll(batch => batch.Header.LastOffset >= offset);
        LogEndOffset = offset;
        LogStartOffset = Math.Min(LogStartOffset, offset);
        FlushedOffset = Math.Min(FlushedOffset, offset);
        return ValueTask.CompletedTask;
    }

    public async ValueTask<long> ApplyRetentionAsync(long nowMs, long maxOffset, CancellationToken cancellationToken)
    {
        if (Config?.RetentionMs >= 0)
        {
            var expired = _batches.TakeWhile(batch => batch.Header.MaxTimestamp < nowMs - Config.RetentionMs && batch.Header.NextOffset <= maxOffset);
            await TruncateHeadAsync(expired.Select(batch => batch.Header.NextOffset).LastOrDefault(), cancellationToken);
        }

        return LogStartOffset;
    }

    public void SetConfig(LogConfig config) => Config = config;

    public ValueTask DeleteAsync()
    {
        IsDeleted = true;
        return DisposeAsync();
    }

    public ValueTask DisposeAsync()
    {
        IsClosed = true;
        return ValueTask.CompletedTask;
    }

    private void ThrowIfOffline()
    {
        if (OfflineReason is { } reason)
        {
            throw new LogOfflineException(reason);
        }
    }
}
