using OrleansStream.Storage.Tests.Simulation;

namespace OrleansStream.Storage.Tests;

/// <summary>Logs with durability=async: appends are readable at once and reach the disk later.</summary>
public sealed class DelayedFlushTests : IAsyncDisposable
{
    private readonly SimulatedDisk _disk = new();

    private static LogConfig Config { get; } = LogFixture.SmallSegments with { DelayedFlush = new DelayedFlush(long.MaxValue, long.MaxValue) };

    public ValueTask DisposeAsync() => _disk.DisposeAsync();

    [Fact]
    public async Task Append_WritesNothing_UntilTheHousekeepingComes()
    {
        await using var log = await _disk.OpenAsync(Config);
        for (var i = 0; i < 20; i++)
        {
            log.AppendNext(Batches.Make(i));
        }

        (await log.ReadAllAsync(0)).Length.ShouldBeGreaterThan(0, "readers do not wait for the disk");
        _disk.Files.Writes.ShouldBeEmpty();
        log.FlushedOffset.ShouldBe(0);

        var flushed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        log.FlushedOffsetAdvanced += _ => flushed.TrySetResult();
        await _disk.Environment.RunHousekeepingAsync();
        await flushed.Task.WaitAsync(LogFixture.TimeLimit, TestContext.Current.CancellationToken);
        log.FlushedOffset.ShouldBe(20);
        _disk.Files.Writes.Count(write => write.Path.EndsWith(".log", StringComparison.Ordinal)).ShouldBeLessThan(5);
    }

    [Fact]
    public async Task Append_IsFlushed_AfterSoManyRecordsOrSoMuchTime()
    {
        await using var log = await _disk.OpenAsync(Config with { DelayedFlush = new DelayedFlush(Records: 10, IntervalMs: 5_000) });
        await log.FlushAllAsync();
        log.AppendNext(Batches.Make(0));
        await log.FlushAllAsync();
        var flushed = new SemaphoreSlim(0);
        log.FlushedOffsetAdvanced += _ => flushed.Release();

        for (var i = 0; i < 10; i++)
        {
            log.FlushedOffset.ShouldBe(1);
            log.AppendNext(Batches.Make(i));
        }

        (await flushed.WaitAsync(LogFixture.TimeLimit, TestContext.Current.CancellationToken)).ShouldBeTrue("ten records");
        log.AppendNext(Batches.Make(11));
        log.FlushedOffset.ShouldBe(11);
        _disk.Time.Advance(TimeSpan.FromSeconds(5));
        log.AppendNext(Batches.Make(12));
        (await flushed.WaitAsync(LogFixture.TimeLimit, TestContext.Current.CancellationToken)).ShouldBeTrue("five seconds");
        log.FlushedOffset.ShouldBe(13);
    }

    [Fact]
    public async Task WaitForRoom_IsAdmitted_WhenTheBufferIsFullOfUnflushedAppends()
    {
        await using var log = await _disk.OpenAsync(Config);
        for (var i = 0; i < 100; i++)
        {
            var batch = Batches.Make(i, valueBytes: 30_000);
            await log.WaitForRoomAsync(batch.Length, CancellationToken.None).AsTask().WaitAsync(LogFixture.TimeLimit, TestContext.Current.CancellationToken);
            log.AppendNext(batch);
        }

        await log.FlushAllAsync();
        log.FlushedOffset.ShouldBe(100);
        _disk.Files.Writes.Count.ShouldBeLessThan(100);
    }
}
