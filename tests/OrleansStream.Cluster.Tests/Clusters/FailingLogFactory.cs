using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using OrleansStream.Grains.Partitions;
using OrleansStream.Storage;

namespace OrleansStream.Cluster.Tests.Clusters;

/// <summary>Real logs whose disks fail when the test says so.</summary>
internal sealed class FailingLogFactory : IPartitionLogFactory
{
    private readonly ConcurrentDictionary<TopicPartition, string> _failures = new();
    private IPartitionLogFactory? _inner;

    public FailingLogFactory Over(IServiceProvider services)
    {
        _inner = ActivatorUtilities.CreateInstance<PartitionLogFactory>(services);
        return this;
    }

    public void Fail(TopicPartition partition, string reason) => _failures[partition] = reason;

    public void Repair() => _failures.Clear();

    public async ValueTask<OpenedLog> OpenAsync(TopicPartition partition, Guid topicId, LogConfig config, CancellationToken cancellationToken)
    {
        var opened = await _inner!.OpenAsync(partition, topicId, config, cancellationToken);
        return opened with { Log = new FailingLog(opened.Log, _failures) };
    }

    private sealed class FailingLog(IPartitionLog inner, ConcurrentDictionary<TopicPartition, string> failures) : IPartitionLog
    {
        public event Action<IPartitionLog>? FlushedOffsetAdvanced
        {
            add => inner.FlushedOffsetAdvanced += value;
            remove => inner.FlushedOffsetAdvanced -= value;
        }

        public TopicPartition TopicPartition => inner.TopicPartition;

        public long LogStartOffset => inner.LogStartOffset;

        public long LogEndOffset => inner.LogEndOffset;

        public long FlushedOffset => inner.FlushedOffset;

        public long SizeBytes => inner.SizeBytes;

        public int LatestEpoch => inner.LatestEpoch;

        public (long Timestamp, long Offset) MaxTimestamp => inner.MaxTimestamp;

        public string? OfflineReason => failures.GetValueOrDefault(TopicPartition) ?? inner.OfflineReason;

        public ValueTask WaitForRoomAsync(int bytes, CancellationToken cancellationToken) => Checked().WaitForRoomAsync(bytes, cancellationToken);

        public void ReturnRoom(int bytes) => inner.ReturnRoom(bytes);

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

        public void SetConfig(LogConfig config) => inner.SetConfig(config);

        public ValueTask DeleteAsync() => inner.DeleteAsync();

        public ValueTask DisposeAsync() => inner.DisposeAsync();

        private IPartitionLog Checked()
            => failures.TryGetValue(TopicPartition, out var reason) ? throw new LogOfflineException(reason) : inner;
    }
}
