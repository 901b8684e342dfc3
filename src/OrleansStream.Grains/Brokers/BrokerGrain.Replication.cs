using OrleansStream.Abstractions;
using OrleansStream.Core.Replicas;
using OrleansStream.Grains.Partitions;
using OrleansStream.Grains.Replication;

namespace OrleansStream.Grains.Brokers;

/// <content>Followers' fetches.</content>
internal sealed partial class BrokerGrain
{
    private readonly FollowerAnswers _followerAnswers = new();

    public async Task<ReplicaFetchResponse> FetchAsReplicaAsync(ReplicaFetchRequest request, CancellationToken cancellationToken)
    {
        var partitions = Array.ConvertAll(request.Partitions, partition => new TopicPartition(partition.Topic, partition.Partition));
        var answers = new ReplicaFetchPartitionResponse[partitions.Length];

        // Registered before the first read: whatever comes after that read is signalled.
        using var waiter = new PartitionWaiter(
            _services.Time, TimeSpan.FromMilliseconds(Math.Max(0, request.MaxWaitMs)), cancellationToken, _services.Broker.Stopping);
        var signals = _services.Appends.Signals;
        signals.Register(waiter, partitions);
        var progress = new ReplicaFetchProgress(_followerAnswers.Begin(request));
        try
        {
            // Each fetch begins with another partition, so that none starves when the answer is full before its turn.
            var first = (int)(_fetchCount++ % (uint)Math.Max(1, partitions.Length));
            for (var i = 0; i < partitions.Length; i++)
            {
                await FetchOneAsync(request, partitions, answers, (first + i) % partitions.Length, progress);
            }

            var signalled = new List<int>();
            while (!progress.HasNews && progress.Bytes < request.MinBytes && await waiter.WaitAsync(signalled))
            {
                foreach (var index in signalled)
                {
                    await FetchOneAsync(request, partitions, answers, index, progress);
                }
            }
        }
        finally
        {
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
        var room = (int)Math.Min(Math.Max(0, request.MaxBytes - progress.Bytes), asked.MaxBytes);
        var fetch = new ReplicaFetch(
            request.ReplicaId, request.BrokerEpoch, asked.LeaderEpoch, asked.FetchOffset, asked.LastFetchedEpoch, asked.FlushedOffset);
        var answer = _services.Hosted.Find(partitions[index]) is { } hosted
            ? await hosted.FetchAsReplicaAsync(fetch, room, minOneMessage: progress.Bytes == 0, progress.Buffers.Allocate)
            : new ReplicaFetchPartitionResponse(ErrorCode.NotLeaderOrFollower, -1, -1, -1, -1, default);
        answers[index] = answer;
        progress.Bytes += answer.Records.Length;
        progress.HasNews |= answer.Error != ErrorCode.None || answer.DivergingEndOffset >= 0;
    }

    /// <summary>How far a follower's fetch has come.</summary>
    private sealed class ReplicaFetchProgress(AnswerBuffers buffers)
    {
        public AnswerBuffers Buffers { get; } = buffers;

        public long Bytes { get; set; }

        public bool HasNews { get; set; }
    }
}
