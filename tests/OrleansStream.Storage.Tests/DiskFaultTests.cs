using OrleansStream.Storage.Tests.Simulation;

namespace OrleansStream.Storage.Tests;

/// <summary>Errors of the disk: the log goes offline with the cause, others go on, and nothing acknowledged is lost.</summary>
public sealed class DiskFaultTests
{
    private static readonly IOException NoSpace = new("No space left on device");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(512)]
    [InlineData(1_300)]
    public async Task Append_FailsAndAcknowledgedRecordsSurvive_WhenDiskIsFull(int writtenOfLastWrite)
    {
        await using var disk = new SimulatedDisk();
        var log = await disk.OpenAsync();
        var kept = log.AppendNext(Batches.Make(1, records: 3));
        await log.FlushAllAsync();
        disk.Files.PartialWrite = (_, _, length) => (Math.Min(writtenOfLastWrite, length - 512), NoSpace);

        log.AppendNext(Batches.Make(2, records: 2, valueBytes: 900));
        var failure = await Should.ThrowAsync<LogOfflineException>(() => log.FlushAllAsync());
        failure.Message.ShouldContain("orders-3");
        failure.Message.ShouldContain(SimulatedDisk.Directory);
        failure.Message.ShouldContain("No space left on device");
        log.OfflineReason.ShouldBe(failure.Message);
        log.FlushedOffset.ShouldBe(3);
        Should.Throw<LogOfflineException>(() => log.AppendNext(Batches.Make(3)));
        await Should.ThrowAsync<LogOfflineException>(async () => await log.ReadAsync(0, long.MaxValue, 1, true, Token));
        await Should.ThrowAsync<LogOfflineException>(async () => await log.WaitForRoomAsync(1, Token));
        await Should.ThrowAsync<LogOfflineException>(async () => await log.TruncateHeadAsync(1, Token));
        await Should.ThrowAsync<LogOfflineException>(async () => await log.TruncateTailAsync(1, Token));
        await log.DisposeAsync();

        disk.Files.PartialWrite = null;
        await using var again = await disk.OpenAsync();
        again.LogEndOffset.ShouldBe(3, "a batch that was written in part is not readable");
        (await again.ReadAllAsync(0)).ShouldBeBytes(kept);
        again.AppendNext(Batches.Make(4));
        await again.FlushAllAsync();
    }

    [Theory]
    [InlineData("Input/output error")]
    [InlineData("Permission denied")]
    public async Task OtherLogs_GoOn_WhenOneLogFails(string error)
    {
        await using var fixture = new LogFixture(new SimulatedFileSystem());
        var files = (SimulatedFileSystem)fixture.FileSystem;
        await using var bad = await fixture.OpenAsync();
        await using var good = await fixture.OpenAsync(directory: "/elsewhere/orders-4", topicPartition: new TopicPartition("orders", 4));
        Exception fault = error == "Permission denied" ? new UnauthorizedAccessException(error) : new IOException(error);
        files.Fault = (operation, path) => operation == DiskOperation.Write && path.Contains("orders-3", StringComparison.Ordinal) ? fault : null;

        var offline = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        bad.FlushedOffsetAdvanced += log => offline.TrySetResult(log.OfflineReason);
        bad.AppendNext(Batches.Make(1));
        good.AppendNext(Batches.Make(2));

        (await Should.ThrowAsync<LogOfflineException>(() => bad.FlushAllAsync())).Message.ShouldContain(error);
        (await offline.Task.WaitAsync(LogFixture.TimeLimit, Token)).ShouldNotBeNull("listeners hear of it").ShouldContain(error);
        await good.FlushAllAsync();
        good.FlushedOffset.ShouldBe(1);
    }

    [Fact]
    public async Task Read_TakesTheLogOffline_WhenTheDiskCannotBeRead()
    {
        await using var disk = new SimulatedDisk();
        await using (var log = await disk.OpenAsync())
        {
            log.AppendNext(Batches.Make(1));
        }

        await using var again = await disk.OpenAsync();
        disk.Files.Fault = (operation, _) => operation == DiskOperation.Read ? new IOException("Input/output error") : null;
        (await Should.ThrowAsync<LogOfflineException>(async () => await again.ReadAsync(0, long.MaxValue, 1, true, Token))).Message.ShouldContain("Input/output error");
        again.OfflineReason.ShouldNotBeNull();
    }

    [Fact]
    public async Task Waiters_Fail_WhenTheLogGoesOffline()
    {
        await using var disk = new SimulatedDisk();
        await using var log = await disk.OpenAsync();
        disk.Files.HoldWrites();
        log.AppendNext(Batches.Make(1));
        await disk.Files.WriteHeld.WaitAsync(LogFixture.TimeLimit, Token);
        var flush = log.FlushAsync(1, Token).AsTask();
        var rooms = Enumerable.Range(0, 20).Select(_ => log.WaitForRoomAsync(60_000, Token).AsTask()).ToList();
        rooms.ShouldContain(room => !room.IsCompleted, "there is room for a few only");
        var truncation = log.TruncateHeadAsync(1, Token).AsTask();

        disk.Files.Fault = (operation, _) => operation == DiskOperation.Write ? NoSpace : null;
        disk.Files.ReleaseWrites();
        await Should.ThrowAsync<LogOfflineException>(() => flush.WaitAsync(LogFixture.TimeLimit, Token));
        await Should.ThrowAsync<LogOfflineException>(() => truncation.WaitAsync(LogFixture.TimeLimit, Token));
        foreach (var room in rooms.Where(room => !room.IsCompletedSuccessfully))
        {
            await Should.ThrowAsync<LogOfflineException>(() => room.WaitAsync(LogFixture.TimeLimit, Token));
        }
    }

    [Fact]
    public async Task Waiters_Fail_WhenTheLogIsClosed()
    {
        await using var disk = new SimulatedDisk();
        var log = await disk.OpenAsync();
        disk.Files.HoldWrites();
        log.AppendNext(Batches.Make(1));
        await disk.Files.WriteHeld.WaitAsync(LogFixture.TimeLimit, Token);
        var flush = log.FlushAsync(1, Token).AsTask();
        var delete = log.DeleteAsync().AsTask();
        disk.Files.ReleaseWrites();

        await delete.WaitAsync(LogFixture.TimeLimit, Token);
        await Should.ThrowAsync<ObjectDisposedException>(() => flush.WaitAsync(LogFixture.TimeLimit, Token));
        Should.Throw<ObjectDisposedException>(() => log.Append(Batches.Make(2), 1, 0));
        disk.Files.Paths().ShouldBeEmpty();
    }

    [Theory]
    [InlineData(DiskOperation.OpenRead)]
    [InlineData(DiskOperation.Read)]
    [InlineData(DiskOperation.Flush)]
    [InlineData(DiskOperation.SetLength)]
    public async Task Open_TellsWhy_WhenTheDiskFails(DiskOperation failing)
    {
        var image = await CrashedAsync();
        await using var disk = new SimulatedDisk(image);
        disk.Files.Fault = (operation, path) => operation == failing && path.EndsWith(".log", StringComparison.Ordinal) ? new IOException("Input/output error") : null;
        (await Should.ThrowAsync<LogOfflineException>(() => disk.OpenAsync())).Message.ShouldContain("Input/output error");

        disk.Files.Fault = null;
        await using var log = await disk.OpenAsync();
        log.LogEndOffset.ShouldBe(1);
    }

    [Fact]
    public async Task RealDisk_IsFull_AndEverythingAcknowledgedSurvives()
    {
        await using var tmpfs = await TinyFileSystem.MountAsync(2 * 1024 * 1024);
        await using var fixture = new LogFixture();
        var directory = Path.Combine(tmpfs.Path, "orders-3");
        var acknowledged = new MemoryStream();
        var log = await fixture.OpenAsync(directory: directory);
        var failure = await Should.ThrowAsync<LogOfflineException>(async () =>
        {
            for (var i = 0; ; i++)
            {
                var batch = log.AppendNext(Batches.Make(i, valueBytes: 30_000));
                await log.FlushAllAsync();
                acknowledged.Write(batch);
            }
        });
        failure.Message.ShouldContain("No space left");
        await log.DisposeAsync();

        // Another file goes, and there is space again.
        File.Delete(tmpfs.Ballast);
        await using var again = await fixture.OpenAsync(directory: directory);
        (await again.ReadAllAsync(0)).AsSpan().StartsWith(acknowledged.ToArray()).ShouldBeTrue();
        again.AppendNext(Batches.Make(1, valueBytes: 30_000));
        await again.FlushAllAsync();
    }

    private static async Task<SimulatedFileSystem> CrashedAsync()
    {
        await using var disk = new SimulatedDisk();
        await using var log = await disk.OpenAsync();
        log.AppendNext(Batches.Make(1));
        await log.FlushAllAsync();
        var image = disk.Files.AfterPowerLoss();
        image.SetContent(SimulatedDisk.Segment(0), image.Content(SimulatedDisk.Segment(0))[..^3]);
        return image;
    }
}
