using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;
using OrleansStream.Abstractions;
using OrleansStream.Core.Replicas;
using OrleansStream.Grains.Brokers;
using OrleansStream.Grains.Replication;

namespace OrleansStream.Grains.Tests.Replication;

public sealed class FlushReportsTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly BrokerState _broker = new(2) { BrokerEpoch = 7 };
    private readonly IBrokerGrain _leader = Substitute.For<IBrokerGrain>();
    private readonly Channel<(ReplicaFlushReport Report, TaskCompletionSource Answer)> _sent =
        Channel.CreateUnbounded<(ReplicaFlushReport, TaskCompletionSource)>();

    private readonly FlushReports _reports;

    public FlushReportsTests()
    {
        _leader.ReportFlushedAsync(null!, TestContext.Current.CancellationToken).ReturnsForAnyArgs(call =>
        {
            var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _sent.Writer.TryWrite((call.Arg<ReplicaFlushReport>(), answer)).ShouldBeTrue();
            return answer.Task;
        });
        _reports = new FlushReports(1, _leader, _broker, NullLogger.Instance);
    }

    public void Dispose() => _broker.Dispose();

    [Fact]
    public async Task ReportWhenFlushed_TellsTheLeader_OnceTheFlushIsThrough()
    {
        var replica = new Replica("a");
        _reports.ReportWhenFlushed(replica.Partition, replica.WhenFlushedAsync);
        replica.Flush(10);

        var (report, _) = await NextAsync();

        report.ReplicaId.ShouldBe(2);
        report.Partitions.ShouldBe([new ReplicaFlushPartition("a", 0, 7, 3, 10)]);
    }

    [Fact]
    public async Task ReportWhenFlushed_HoldsBackWhatIsFlushed_WhileAReportIsUnderWay()
    {
        var (a, b, c) = (new Replica("a"), new Replica("b"), new Replica("c"));
        foreach (var replica in new[] { a, b, c })
        {
            _reports.ReportWhenFlushed(replica.Partition, replica.WhenFlushedAsync);
        }

        a.Flush(1);
        var (_, answer) = await NextAsync();
        b.Flush(2);
        c.Flush(3);
        _sent.Reader.TryRead(out var tooEarly).ShouldBeFalse($"one report at a time, but there was {tooEarly.Report}");
        answer.SetResult();

        var told = new List<(string Topic, long Offset)>();
        while (told.Count < 2)
        {
            var (report, next) = await NextAsync();
            told.AddRange(report.Partitions.Select(partition => (partition.Topic, partition.FlushedOffset)));
            next.SetResult();
        }

        told.ShouldBe([("b", 2), ("c", 3)], ignoreOrder: true);
    }

    [Fact]
    public async Task ReportWhenFlushed_WaitsForAnotherFlush_WhenMoreWasAppendedMeanwhile()
    {
        var replica = new Replica("a");
        _reports.ReportWhenFlushed(replica.Partition, replica.WhenFlushedAsync);
        _reports.ReportWhenFlushed(replica.Partition, replica.WhenFlushedAsync);
        replica.Flush(5);
        var (first, answer) = await NextAsync();
        answer.SetResult();
        replica.Flush(9);

        first.Partitions[0].FlushedOffset.ShouldBe(5);
        (await NextAsync()).Report.Partitions[0].FlushedOffset.ShouldBe(9);
    }

    [Fact]
    public async Task ReportWhenFlushed_GoesOn_WhenTheLeaderCannotBeTold()
    {
        var replica = new Replica("a");
        _reports.ReportWhenFlushed(replica.Partition, replica.WhenFlushedAsync);
        replica.Flush(5);
        var (_, answer) = await NextAsync();
        _reports.ReportWhenFlushed(replica.Partition, replica.WhenFlushedAsync);
        answer.SetException(new TimeoutException("no answer"));
        replica.Flush(9);

        (await NextAsync()).Report.Partitions[0].FlushedOffset.ShouldBe(9);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void IndexOf_SpreadsThePartitionsOfATopicEvenly(int count)
        => Enumerable.Range(0, 12).Select(partition => ReplicaFetchers.IndexOf(new TopicPartition("orders", partition), count))
            .CountBy(index => index).OrderBy(entry => entry.Key)
            .ShouldBe(Enumerable.Range(0, count).Select(index => KeyValuePair.Create(index, 12 / count)));

    private async Task<(ReplicaFlushReport Report, TaskCompletionSource Answer)> NextAsync()
        => await _sent.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience, TestContext.Current.CancellationToken);

    /// <summary>A replica whose flushes the test lets through, one after the other.</summary>
    private sealed class Replica(string topic)
    {
        private readonly Channel<long> _flushes = Channel.CreateUnbounded<long>();

        public TopicPartition Partition { get; } = new(topic, 0);

        public async Task<FollowerFlush> WhenFlushedAsync()
            => new(null, new ReplicaFlush(2, 7, 3, await _flushes.Reader.ReadAsync(TestContext.Current.CancellationToken)));

        public void Flush(long offset) => _flushes.Writer.TryWrite(offset).ShouldBeTrue();
    }
}
