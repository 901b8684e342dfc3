using OrleansStream.Abstractions;
using OrleansStream.Core.Replicas;
using OrleansStream.Grains.Partitions;
using OrleansStream.Grains.Replication;

namespace OrleansStream.Grains.Brokers;

/// <content>Followers' fetches.</content>
internal sealed partial class BrokerGrain
{
    private readonly FollowerAnswers _followerAnswers;

    public async Task<ReplicaFetchResponse> FetchAsReplicaAsync(ReplicaFetchRequest request, CancellationToken cancellationToken)
    {
        var partitions = Array.ConvertAll(request.Partitions, partition => new TopicPartition(partition.Topic, partition.Partition));
        var answers = new ReplicaFetchPartitionResponse[partitions.Length];

        // Registered before the first read: whatever comes after that read is signalled.
        using var waiter = new PartitionWaiter(
            _services.Time, TimeSpan.FromMilliseconds(Math.Max(0, request.MaxWaitMs)), cancellationToken, _services.Broker.Stopping);
        var signals = _services.Appends.Signals;
        signals.Register(waiter, partitions);
        var (buffers, heardAt) = _followerAnswers.Begin(request);
        var progress = new ReplicaFetchProgress(_services.Time, waiter, buffers, heardAt);
        try
        {
            // Each fetch begins with another partition, so that none starves when the answer is full before its turn.
            var first = (int)(_fetchCount++ % (uint)Math.Max(1, partitions.Length));
            for (var i = 0; i < partitions.Length; i++)
            {
                await FetchOneAsync(request, partitions, answers, (first + i) % partitions.Length, progress);
            }

            var signalled = new List<int>();
            while (!progress.HasNews && progress.Bytes < request.MinBytes)
            {
                // Whether there is room again is as good a reason to wake as an append.
                progress.WakeAfter(_services.Throttles.Leader);
                if (!await waiter.WaitAsync(signalled))
                {
                    break;
                }

                foreach (var index in signalled)
                {
                    await FetchOneAsync(request, partitions, answers, index, progress);
                }
            }
        }
        finally
        {
            progress.Dispose();
            signals.Unregister(waiter, partitions);
        }

        _followerAnswers.End(request, progress.Buffers);
        return new ReplicaFetchResponse(answers);
    }

    public Task ReportFlushedAsync(ReplicaFlushReport report, CancellationToken cancellationToken)
        => Task.WhenAll(report.Partitions.Select(partition =>
            _services.Hosted.Find(new TopicPartition(partition.Topic, partition.Partition)) is { } hosted
                ? hosted.OnFollowerFlushedAsync(new ReplicaFlush(report.ReplicaId, partition.BrokerEpoch, partition.LeaderEpoch, partition.FlushedOffset))
                : Task.CompletedTask));

    private async Task FetchOneAsync(
        ReplicaFetchRequest request, TopicPartition[] partitions, ReplicaFetchPartitionResponse[] answers, int index, ReplicaFetchProgress progress)
    {
        // One that has records already keeps them: its next ones come with the next fetch.
        if (answers[index] is { Records.IsEmpty: false })
        {
            return;
        }

        var asked = request.Partitions[index];
        var hosted = _services.Hosted.Find(partitions[index]);
        var throttle = hosted?.IsThrottledAsLeader == true ? _services.Throttles.Leader : null;
        var throttledBytes = throttle?.Room() ?? 0;
        if (throttle is not null && throttledBytes == 0 && progress.IsHeldBack(index))
        {
            // Appends to it change nothing until there is room.
            return;
        }

        var room = (int)Math.Min(Math.Max(0, request.MaxBytes - progress.Bytes), asked.MaxBytes);
        var fetch = new ReplicaFetch(
            request.ReplicaId, request.BrokerEpoch, asked.LeaderEpoch, asked.FetchOffset, asked.LastFetchedEpoch, asked.FlushedOffset);
        var minOne = progress.Bytes == 0;

        // One batch of the throttled ones may exceed what is left: where others fill the answer each time, they would starve otherwise.
        var throttled = throttle is null ? (ThrottledRoom?)null : new ThrottledRoom(throttledBytes, minOne || progress.ThrottledBytes == 0);
        var (answer, isHeldBack) = hosted is null
            ? FollowerAnswer.NotLeader
            : await hosted.FetchAsReplicaAsync(fetch, new FollowerRoom(room, minOne, throttled, progress.Buffers.Allocate, progress.HeardAt));
        answers[index] = answer;
        progress.SetHeldBack(index, isHeldBack);
        progress.Bytes += answer.Records.Length;
        progress.HasNews |= answer.Error != ErrorCode.None || answer.DivergingEndOffset >= 0;
        if (throttle is not null && !answer.Records.IsEmpty)
        {
            // Counted at once, so that there is less room for the next one.
            progress.ThrottledBytes += answer.Records.Length;
            throttle.Record(answer.Records.Length);
        }
    }

    /// <summary>How far a follower's fetch has come.</summary>
    private sealed class ReplicaFetchProgress(TimeProvider time, PartitionWaiter waiter, AnswerBuffers buffers, long? heardAt) : IDisposable
    {
        private readonly HashSet<int> _heldBack = [];
        private ITimer? _timer;

        public AnswerBuffers Buffers { get; } = buffers;

        public long? HeardAt { get; } = heardAt;

        public long Bytes { get; set; }

        public long ThrottledBytes { get; set; }

        public bool HasNews { get; set; }

        public bool IsHeldBack(int index) => _heldBack.Contains(index);

        public void SetHeldBack(int index, bool isHeldBack)
        {
            if (isHeldBack)
            {
                _heldBack.Add(index);
            }
            else
            {
                _heldBack.Remove(index);
            }
        }

        /// <summary>Wakes the fetch when those that it holds back may get something.</summary>
        public void WakeAfter(ReplicationThrottle throttle)
        {
            _timer?.Dispose();
            _timer = null;
            if (_heldBack.Count > 0)
            {
                int[] indexes = [.. _heldBack];
                _timer = time.CreateTimer(_ => Array.ForEach(indexes, waiter.Signal), null, throttle.UntilRoom(), Timeout.InfiniteTimeSpan);
            }
        }

        public void Dispose() => _timer?.Dispose();
    }
}
