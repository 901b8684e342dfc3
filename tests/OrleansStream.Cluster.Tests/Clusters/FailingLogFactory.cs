using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using OrleansStream.Grains.Partitions;
using OrleansStream.Storage;

namespace OrleansStream.Cluster.Tests.Clusters;

/// <summary>Real logs whose disks fail or hang when the test says so.</summary>
internal sealed class FailingLogFactory : IPartitionLogFactory
{
    private readonly ConcurrentDictionary<TopicPartition, string> _failures = new();
    private readonly ConcurrentDictionary<TopicPartition, FailingLog> _logs = new();
    private IPartitionLogFactory? _inner;

    public FailingLogFactory Over(IServiceProvider services)
    {
        _inner = ActivatorUtilities.CreateInstance<PartitionLogFactory>(services);
        return this;
    }

    public void Fail(TopicPartition partition, string reason) => _failures[partition] = reason;

    public void Repair() => _failures.Clear();

    /// <summary>From now on nothing that is appended counts as flushed, until what is returned is disposed.</summary>
    public IDisposable HoldFlushes(TopicPartition partition) => _logs[partition].HoldFlushes();

    /// <summary>From now on nothing is appended for want of room, until what is returned is disposed.</summary>
    public IDisposable HoldRoom(TopicPartition partition) => _logs[partition].HoldRoom();

    public async ValueTask<OpenedLog> OpenAsync(TopicPartition partition, Guid topicId, LogConfig config, CancellationToken cancellationToken)
    {
        var opened = await _inner!.OpenAsync(partition, topicId, config, cancellationToken);
        var log = new FailingLog(opened.Log, _failures);
        _logs[partition] = log;
        return opened with { Log = log };
    }

    public ValueTask DeleteAsync(TopicPartition partition) => _inner!.DeleteAsync(partition);

    private sealed class FailingLog : IPartitionLog
    {
        private readonly IPartitionLog _inner;
        private readonly ConcurrentDictionary<TopicPartition, string> _failures;
        private long _flushesHeldAt = -1;
        private TaskCompletionSource? _room;

        public FailingLog(IPartitionLog inner, ConcurrentDictionary<TopicPartition, string> failures)
        {
            (_inner, _failures) = (inner, failures);
            inner.FlushedOffsetAdvanced += _ => FlushedOffsetAdvanced?.Invoke(this);
        }

        public event Action<IPartitionLog>? FlushedOffsetAdvanced;

        public TopicPartition TopicPartition => _inner.TopicPartition;

        public long LogStartOffset => _inner.LogStartOffset;

        public long LogEndOffset => _inner.LogEndOffset;

        public long FlushedOffset => Volatile.Read(ref _flushesHeldAt) is var held and >= 0 ? held : _inner.FlushedOffset;

        public long SizeBytes => _inner.SizeBytes;

        public int LatestEpoch => _inner.LatestEpoch;

        public (long Timestamp, long Offset) MaxTimestamp => _inner.MaxTimestamp;

        public string? OfflineReason => _failures.GetValueOrDefault(TopicPartition) ?? _inner.OfflineReason;

        public async ValueTask WaitForRoomAsync(int bytes, CancellationToken cancellationToken)
        {
            if (Volatile.Read(ref _room) is { } room)
            {
                await room.Task.WaitAsync(cancellationToken);
            }

            await Checked().WaitForRoomAsync(bytes, cancellationToken);
        }

        public void ReturnRoom(int bytes) => _inner.ReturnRoom(bytes);

        public long Append(ReadOnlyMemory<byte> batch, long baseOffset, int leaderEpoch) => Checked().Append(batch, baseOffset, leaderEpoch);

        public ValueTask FlushAsync(long offset, CancellationToken cancellationToken) => Checked().FlushAsync(offset, cancellationToken);

        public ValueTask<LogReadResult> ReadAsync(long offset, long maxOffset, int maxBytes, bool minOneMessage, CancellationToken cancellationToken)
            => Checked().ReadAsync(offset, maxOffset, maxBytes, minOneMessage, cancellationToken);

        public ValueTask<LogReadResult> ReadAsync(
            long offset, long maxOffset, int maxBytes, bool minOneMessage, Func<int, Memory<byte>> allocate, CancellationToken cancellationToken)
            => Checked().ReadAsync(offset, maxOffset, maxBytes, minOneMessage, allocate, cancellationToken);

        public ValueTask<TimestampOffset?> FindOffsetByTimestampAsync(long timestamp, long maxOffset, CancellationToken cancellationToken)
            => Checked().FindOffsetByTimestampAsync(timestamp, maxOffset, cancellationToken);

        public (int Epoch, long EndOffset) EndOffsetForEpoch(int epoch) => Checked().EndOffsetForEpoch(epoch);

        public ValueTask TruncateHeadAsync(long offset, CancellationToken cancellationToken) => Checked().TruncateHeadAsync(offset, cancellationToken);

        public ValueTask TruncateTailAsync(long offset, CancellationToken cancellationToken) => Checked().TruncateTailAsync(offset, cancellationToken);

        public ValueTask<long> ApplyRetentionAsync(long nowMs, long maxOffset, CancellationToken cancellationToken)
            => Checked().ApplyRetentionAsync(nowMs, maxOffset, cancellationToken);

        public void SetConfig(LogConfig config) => _inner.SetConfig(config);

        public ValueTask DeleteAsync() => _inner.DeleteAsync();

        public ValueTask DisposeAsync() => _inner.DisposeAsync();

        public IDisposable HoldFlushes()
        {
            Volatile.Write(ref _flushesHeldAt, _inner.FlushedOffset);
            return new Hold(() =>
            {
                Volatile.Write(ref _flushesHeldAt, -1);
                FlushedOffsetAdvanced?.Invoke(this);
            });
        }

        public IDisposable HoldRoom()
        {
            var room = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Volatile.Write(ref _room, room);
            return new Hold(() =>
            {
                Volatile.Write(ref _room, null);
                room.SetResult();
            });
        }

        private IPartitionLog Checked()
            => _failures.TryGetValue(TopicPartition, out var reason) ? throw new LogOfflineException(reason) : _inner;
    }

    private sealed class Hold(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
