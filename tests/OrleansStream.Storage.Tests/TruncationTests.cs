using OrleansStream.Storage.Tests.Simulation;

namespace OrleansStream.Storage.Tests;

public sealed class TruncationTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TruncateTail_VoidsRecords_AndOthersTakeTheirOffsets()
    {
        await using var fixture = new LogFixture();
        await using var log = await fixture.OpenAsync();
        var kept = log.AppendNext(Batches.Make(1, records: 2), leaderEpoch: 1);
        log.AppendNext(Batches.Make(2, records: 2), leaderEpoch: 2);
        log.AppendNext(Batches.Make(3, records: 2), leaderEpoch: 3);
        await log.FlushAllAsync();

        await log.TruncateTailAsync(2, Token);
        log.LogEndOffset.ShouldBe(2);
        log.FlushedOffset.ShouldBe(2);
        log.LatestEpoch.ShouldBe(1);
        log.EndOffsetForEpoch(9).ShouldBe((1, 2L));
        (await log.ReadAsync(3, long.MaxValue, 100, true, Token)).Status.ShouldBe(LogReadStatus.OffsetOutOfRange);
        var replaced = log.AppendNext(Batches.Make(4, records: 5), leaderEpoch: 4);
        await log.FlushAllAsync();

        (await log.ReadAllAsync(0)).ShouldBeBytes([.. kept, .. replaced]);
        (await log.ReadAsync(4, long.MaxValue, 1, true, Token)).Records.ShouldBeBytes(replaced);
    }

    [Fact]
    public async Task TruncateTail_RemovesTheWholeBatch_WhenOffsetIsInItsMiddle()
    {
        await using var fixture = new LogFixture();
        await using var log = await fixture.OpenAsync();
        var kept = log.AppendNext(Batches.Make(1, records: 2));
        log.AppendNext(Batches.Make(2, records: 4));

        await log.TruncateTailAsync(4, Token);
        log.LogEndOffset.ShouldBe(2);
        (await log.ReadAllAsync(0)).ShouldBeBytes(kept);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task TruncateTail_IsRemembered_AfterSeveralTruncationsAndReopening(bool crash)
    {
        await using var disk = new SimulatedDisk();
        var log = await disk.OpenAsync();
        for (var i = 0; i < 100; i++)
        {
            var batch = Batches.Make(i, valueBytes: 30_000);
            await log.WaitForRoomAsync(batch.Length, Token);
            log.AppendNext(batch, leaderEpoch: i / 10);
        }

        // Over segment boundaries, into each other, and beyond what a checkpoint has indexed.
        await log.FlushAllAsync();
        disk.Time.Advance(TimeSpan.FromMinutes(1));
        await disk.Environment.RunHousekeepingAsync();
        await log.TruncateTailAsync(80, Token);
        log.AppendNext(Batches.Make(1_000, records: 3), leaderEpoch: 20);
        await log.TruncateTailAsync(81, Token);
        await log.TruncateTailAsync(20, Token);
        log.AppendNext(Batches.Make(1_001, records: 3), leaderEpoch: 21);
        log.AppendNext(Batches.Make(1_002, records: 3), leaderEpoch: 22);
        await log.TruncateTailAsync(23, Token);
        log.AppendNext(Batches.Make(1_003, valueBytes: 40_000), leaderEpoch: 23);
        await log.FlushAllAsync();
        var expected = await log.ReadAllAsync(0);
        var epochs = Enumerable.Range(0, 25).Select(log.EndOffsetForEpoch).ToList();
        log.LogEndOffset.ShouldBe(24);
        var maxTimestamp = log.MaxTimestamp;

        if (crash)
        {
            disk.Switch(disk.Files.AfterPowerLoss());
        }

        await log.DisposeAsync();
        await using var again = await disk.OpenAsync();
        again.LogEndOffset.ShouldBe(24);
        (await again.ReadAllAsync(0)).ShouldBeBytes(expected);
        Enumerable.Range(0, 25).Select(again.EndOffsetForEpoch).ShouldBe(epochs);
        again.MaxTimestamp.ShouldBe(maxTimestamp);
        await again.TruncateHeadAsync(22, Token);
        again.LogStartOffset.ShouldBe(22);
    }

    [Fact]
    public async Task TruncateTail_FailsThoseWhoWait_WhenTheirRecordsGo()
    {
        await using var disk = new SimulatedDisk();
        await using var log = await disk.OpenAsync();
        disk.Files.HoldWrites();
        log.AppendNext(Batches.Make(1));
        await disk.Files.WriteHeld.WaitAsync(LogFixture.TimeLimit, Token);
        log.AppendNext(Batches.Make(2));
        var stays = log.FlushAsync(1, Token).AsTask();
        var goes = log.FlushAsync(2, Token).AsTask();
        var truncation = log.TruncateTailAsync(1, Token).AsTask();

        (await Should.ThrowAsync<InvalidOperationException>(() => goes.WaitAsync(LogFixture.TimeLimit, Token))).Message.ShouldContain("truncated to offset 1");
        disk.Files.ReleaseWrites();
        await stays.WaitAsync(LogFixture.TimeLimit, Token);
        await truncation.WaitAsync(LogFixture.TimeLimit, Token);
        log.FlushedOffset.ShouldBe(1);
    }

    [Fact]
    public async Task TruncateHead_HidesRecordsAndFreesSegments_AndIsRemembered()
    {
        await using var fixture = new LogFixture();
        byte[] expected;
        await using (var log = await fixture.OpenAsync())
        {
            await FillAsync(log, 120);
            Segments(fixture).ShouldBeGreaterThan(3);
            var size = log.SizeBytes;
            await log.TruncateHeadAsync(100, Token);
            log.LogStartOffset.ShouldBe(100);
            log.SizeBytes.ShouldBeLessThan(size / 2);
            Segments(fixture).ShouldBeLessThan(3);
            (await log.ReadAsync(99, long.MaxValue, 100, true, Token)).Status.ShouldBe(LogReadStatus.OffsetOutOfRange);
            expected = await log.ReadAllAsync(100);
            await log.TruncateHeadAsync(50, Token);
            log.LogStartOffset.ShouldBe(100, "the log start offset never goes back");
        }

        await using (var log = await fixture.OpenAsync())
        {
            log.LogStartOffset.ShouldBe(100);
            (await log.ReadAllAsync(100)).ShouldBeBytes(expected);
        }
    }

    [Fact]
    public async Task TruncateHead_IsRememberedFromTheLogItself_WhenTheCheckpointIsLost()
    {
        await using var fixture = new LogFixture();
        byte[] expected;
        await using (var log = await fixture.OpenAsync())
        {
            await FillAsync(log, 120);
            await log.TruncateHeadAsync(101, Token);
            expected = await log.ReadAllAsync(101);
        }

        File.Delete(Path.Combine(fixture.Directory, "checkpoint"));
        await using (var log = await fixture.OpenAsync())
        {
            log.LogStartOffset.ShouldBe(101);
            log.LogEndOffset.ShouldBe(120);
            (await log.ReadAllAsync(101)).ShouldBeBytes(expected);
        }
    }

    [Fact]
    public async Task TruncateHead_FreesNothing_BeforeTheCheckpointIsDurable()
    {
        await using var disk = new SimulatedDisk();
        var log = await disk.OpenAsync();
        await FillAsync(log, 120);
        disk.Files.Fault = (operation, path) => operation == DiskOperation.Delete ? new IOException("The power is off.") : null;
        await Should.ThrowAsync<LogOfflineException>(async () => await log.TruncateHeadAsync(100, Token));
        disk.Files.Fault = null;
        await log.DisposeAsync();

        disk.Switch(disk.Files.AfterPowerLoss());
        await using var again = await disk.OpenAsync();
        again.LogStartOffset.ShouldBe(100);
        disk.Files.Paths().ShouldNotContain(SimulatedDisk.Segment(0), "what was left over is deleted when the log is opened");
    }

    [Fact]
    public async Task TruncateHead_MovesTheEnd_WhenOffsetIsBeyondIt()
    {
        await using var fixture = new LogFixture();
        await using (var log = await fixture.OpenAsync())
        {
            log.AppendNext(Batches.Make(1, records: 3), leaderEpoch: 4);
            await log.TruncateHeadAsync(500, Token);
            log.LogStartOffset.ShouldBe(500);
            log.LogEndOffset.ShouldBe(500);
            log.MaxTimestamp.ShouldBe((-1L, -1L));
            log.AppendNext(Batches.Make(2), leaderEpoch: 5);
        }

        await using (var log = await fixture.OpenAsync())
        {
            log.LogStartOffset.ShouldBe(500);
            (await log.ReadAllAsync(500)).ShouldBeBytes(Batches.Stamp(Batches.Make(2), 500, 5));
        }
    }

    [Fact]
    public async Task Retention_FreesSegments_WhenTheyAreTooOld()
    {
        await using var fixture = new LogFixture();
        await using var log = await fixture.OpenAsync(LogFixture.SmallSegments with { RetentionMs = 1_000 });
        await FillAsync(log, 120, timestampStep: 10);

        (await log.ApplyRetentionAsync(nowMs: 1_000, maxOffset: 120, Token)).ShouldBe(0);
        var start = await log.ApplyRetentionAsync(nowMs: 1_000 + 700, maxOffset: 120, Token);

        // Records of offset o have the timestamp 10·o; whole segments of about 34 records go.
        start.ShouldBeInRange(30, 70);
        (await log.ReadAllAsync(start)).Length.ShouldBeGreaterThan(0);
        (await log.ApplyRetentionAsync(nowMs: 1_000_000, maxOffset: 90, Token)).ShouldBeInRange(start, 90, "never beyond the high watermark");
        (await log.ApplyRetentionAsync(nowMs: 1_000_000, maxOffset: 120, Token)).ShouldBe(120, "records that have all expired are not shown");
        log.AppendNext(Batches.Make(1));
        log.LogEndOffset.ShouldBe(121);
    }

    [Fact]
    public async Task Retention_FreesSegments_WhenTheLogIsTooLarge()
    {
        await using var fixture = new LogFixture();
        await using var log = await fixture.OpenAsync(LogFixture.SmallSegments with { RetentionBytes = 1 << 20, RetentionMs = -1 });
        await FillAsync(log, 120);

        (await log.ApplyRetentionAsync(nowMs: long.MaxValue, maxOffset: 10, Token)).ShouldBe(0, "never beyond the high watermark");
        var start = await log.ApplyRetentionAsync(nowMs: long.MaxValue, maxOffset: 120, Token);
        start.ShouldBeGreaterThan(30);
        log.SizeBytes.ShouldBeInRange(1 << 20, 2 << 20);
        log.SetConfig(LogFixture.SmallSegments with { DeleteByRetention = false, RetentionBytes = 0 });
        (await log.ApplyRetentionAsync(nowMs: long.MaxValue, maxOffset: 120, Token)).ShouldBe(start);
    }

    private static int Segments(LogFixture fixture) => Directory.GetFiles(fixture.Directory, "*.log").Length;

    private static async Task FillAsync(PartitionLog log, int count, int timestampStep = 1)
    {
        for (var i = 0; i < count; i++)
        {
            var batch = Batches.Make(i, valueBytes: 30_000, timestamp: i * timestampStep);
            await log.WaitForRoomAsync(batch.Length, Token);
            log.AppendNext(batch);
        }

        await log.FlushAllAsync();
    }

    [Fact]
    public async Task TruncateHead_Ends_WhenTheLargestTimestampGoesAndTheLogGrowsWithEachRead()
    {
        // A clock that ran ahead once: the first batch has the largest timestamp, and the next largest is looked for on disk.
        await using var disk = new SimulatedDisk();
        await using var log = await disk.OpenAsync();
        log.AppendNext(Batches.Make(0, timestamp: 1_000_000));
        for (var i = 1; i < 60; i++)
        {
            var batch = Batches.Make(i, valueBytes: 30_000, timestamp: 1_000 + i);
            await log.WaitForRoomAsync(batch.Length, Token);
            log.AppendNext(batch);
        }

        await log.FlushAllAsync();
        disk.Time.Advance(TimeSpan.FromMinutes(10));
        await disk.Environment.RunHousekeepingAsync();
        disk.Environment.BufferBytes.ShouldBe(0, "so that reads go to the disk");
        var grown = 0;
        var isGrowing = false;
        disk.Files.Fault = (operation, path) =>
        {
            // The first append reads as well, when it opens the buffer.
            if (operation == DiskOperation.Read && path.EndsWith(".log", StringComparison.Ordinal) && !isGrowing && grown < 200)
            {
                isGrowing = true;
                log.AppendNext(Batches.Make(100 + grown, timestamp: 2_000 + ++grown));
                isGrowing = false;
            }

            return null;
        };

        await log.TruncateHeadAsync(1, Token).AsTask().WaitAsync(LogFixture.TimeLimit, Token);
        disk.Files.Fault = null;

        grown.ShouldBeInRange(1, 20, "batches that were appended while the largest timestamp was looked for");
        log.LogStartOffset.ShouldBe(1);
        log.MaxTimestamp.ShouldBe((2_000 + grown, log.LogEndOffset - 1));
    }
}
