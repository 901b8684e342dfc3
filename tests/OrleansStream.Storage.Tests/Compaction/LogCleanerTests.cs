using Microsoft.Extensions.Logging.Abstractions;
using OrleansStream.Storage.Compaction;

namespace OrleansStream.Storage.Tests.Compaction;

/// <summary>Which logs the cleaner takes, and in which order.</summary>
public sealed class LogCleanerTests
{
    [Fact]
    public async Task Cleaner_TakesTheDirtiestDueLogFirst_AndLeavesAFailedOneAlone()
    {
        var order = new List<string>();
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var logs = new[]
        {
            new FakeLog("half", 50, isDue: true, order, done),
            new FakeLog("clean", 90, isDue: false, order, done),
            new FakeLog("broken", 80, isDue: true, order, done) { Failure = new CompactionException("no space") },
            new FakeLog("last", 10, isDue: true, order, done) { IsLast = true },
            new FakeLog("offline", 99, isDue: true, order, done) { IsOffline = true },
        };
        await using var cleaner = new LogCleaner(
            () => new LogCleanerOptions(1, 1 << 20, TimeSpan.FromMilliseconds(10)),
            () => [.. logs],
            TimeProvider.System,
            NullLogger<LogCleaner>.Instance);

        cleaner.Start();
        await done.Task.WaitAsync(LogFixture.TimeLimit, TestContext.Current.CancellationToken);
        await cleaner.StopAsync();

        order.ShouldBe(["broken", "half", "last"]);
    }

    private sealed class FakeLog(string topic, long dirty, bool isDue, List<string> order, TaskCompletionSource done) : ICompactableLog, ICompactionTarget
    {
        private bool _isClean;

        public Exception? Failure { get; init; }

        public bool IsLast { get; init; }

        public bool IsOffline { get; init; }

        public TopicPartition TopicPartition { get; } = new(topic, 0);

        public ICompactableLog Log => this;

        public Task<CompactionRequest?> PrepareAsync(CancellationToken cancellationToken) =>
            Task.FromResult<CompactionRequest?>(new CompactionRequest(100, 0, KeyedRecords.NoProducers));

        public ValueTask<CompactionStatus> DescribeCompactionAsync(long limitOffset, long nowMs, CancellationToken cancellationToken) =>
            IsOffline ? throw new LogOfflineException("offline") : new(new CompactionStatus(100 - dirty, dirty, isDue && !_isClean));

        public Task<CompactionResult> CompactAsync(CompactionRequest request, CompactionMemory memory, CancellationToken cancellationToken)
        {
            order.Add(topic);
            if (Failure is not null)
            {
                throw Failure;
            }

            _isClean = true;
            if (IsLast)
            {
                done.SetResult();
            }

            return Task.FromResult(new CompactionResult(true, 100, 0, 0, 0, 0));
        }
    }
}
