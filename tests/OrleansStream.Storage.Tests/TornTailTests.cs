using OrleansStream.Storage.Tests.Simulation;

namespace OrleansStream.Storage.Tests;

/// <summary>Crashes in the middle of the last device write: all that was flushed before is there, the rest is cut.</summary>
public sealed class TornTailTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Open_KeepsFlushedAndCutsTheRest_WhenLastWriteEndsAtAnyByte(bool zeroFilled)
    {
        var written = await WriteAsync();
        var path = SimulatedDisk.Segment(0);
        var full = written.After.Content(path);
        for (var length = written.FlushedLength; length <= full.Length; length++)
        {
            var torn = full[..length];
            if (zeroFilled)
            {
                // The file's length was written, its bytes only in part.
                Array.Resize(ref torn, full.Length);
            }

            await VerifyAsync(written, torn, $"cut at byte {length}, {(zeroFilled ? "zeros" : "end of file")} behind");
        }
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task Open_KeepsFlushedAndCutsTheRest_WhenTheNextEntryWasBeingCopiedIntoTheLastSector(int valueBytes)
    {
        const int lengthField = 4;
        var written = await WriteAsync(valueBytes);
        var full = written.After.Content(SimulatedDisk.Segment(0));
        var sectorEnd = (written.FlushedLength | 511) + 1;
        for (var copied = written.FlushedLength + lengthField + 1; copied <= Math.Min(sectorEnd, full.Length); copied += 3)
        {
            var dirty = full[..copied];
            dirty.AsSpan(written.FlushedLength, lengthField).Clear();
            Array.Resize(ref dirty, full.Length);
            await VerifyAsync(written, dirty, $"copied up to byte {copied}");
        }
    }

    /// <summary>Sizes that let the last write start at many places of a page, its end included.</summary>
    public static TheoryData<int> Sizes => [.. Enumerable.Range(0, 40).Select(i => 100 + (i * 13))];

    [Theory]
    [MemberData(nameof(Sizes))]
    public async Task Open_KeepsFlushedAndCutsTheRest_WhenAnySectorOfTheLastWriteIsMissing(int valueBytes)
    {
        var written = await WriteAsync(valueBytes);
        var full = written.After.Content(SimulatedDisk.Segment(0));
        var before = written.Before.Content(SimulatedDisk.Segment(0));
        Array.Resize(ref before, full.Length);
        for (var sector = written.FlushedLength / 512 * 512; sector < full.Length; sector += 512)
        {
            var torn = full.ToArray();
            var length = Math.Min(512, full.Length - sector);
            before.AsSpan(sector, length).CopyTo(torn.AsSpan(sector));
            await VerifyAsync(written, torn, $"sector at {sector} not written");
        }
    }

    [Fact]
    public async Task Open_AppendsCleanly_WhenGarbageBehindTheCutWasLonger()
    {
        var written = await WriteAsync();
        var path = SimulatedDisk.Segment(0);
        var full = written.After.Content(path);

        // The first entry of the last write is lost, later ones are whole: they must never come back.
        var torn = full.ToArray();
        torn.AsSpan(written.FlushedLength, (512 - (written.FlushedLength % 512)) + 512).Clear();
        await using var disk = DiskWith(written.After, torn);
        for (var round = 0; round < 3; round++)
        {
            await using var log = await disk.OpenAsync();
            log.LogEndOffset.ShouldBe(written.FlushedOffset + round);
            log.AppendNext(Batches.Make(500 + round));
        }

        await using var last = await disk.OpenAsync();
        (await last.ReadAllAsync(0)).ShouldBeBytes([
            .. written.Flushed,
            .. Batches.Stamp(Batches.Make(500), written.FlushedOffset, 0),
            .. Batches.Stamp(Batches.Make(501), written.FlushedOffset + 1, 0),
            .. Batches.Stamp(Batches.Make(502), written.FlushedOffset + 2, 0)]);
    }

    [Fact]
    public async Task Open_KeepsTruncation_WhenMarkerWasFlushedAndLastWriteIsTorn()
    {
        await using var disk = new SimulatedDisk();
        var log = await disk.OpenAsync();
        var kept = log.AppendNext(Batches.Make(1, records: 4));
        log.AppendNext(Batches.Make(2, records: 4));
        await log.FlushAllAsync();
        await log.TruncateTailAsync(4, Token);
        var again = log.AppendNext(Batches.Make(3, records: 2));
        await log.FlushAllAsync();
        await log.TruncateTailAsync(4, Token);
        var flushedLength = disk.Files.Content(SimulatedDisk.Segment(0)).AsSpan().LastIndexOfAnyExcept((byte)0) + 1;
        var final = log.AppendNext(Batches.Make(4, records: 3));
        await log.FlushAllAsync();
        var image = disk.Files.AfterPowerLoss();
        await log.DisposeAsync();

        await VerifyImageAsync(image, image.Content(SimulatedDisk.Segment(0)), [.. kept, .. final], 7);
        await VerifyImageAsync(image, image.Content(SimulatedDisk.Segment(0))[..(flushedLength + 50)], kept, 4);
        again.ShouldNotBeEmpty();
    }

    private static async Task<Written> WriteAsync(int valueBytes = 300)
    {
        await using var disk = new SimulatedDisk();
        var log = await disk.OpenAsync();
        for (var i = 0; i < 5; i++)
        {
            log.AppendNext(Batches.Make(i, records: 2, valueBytes: valueBytes));
        }

        await log.FlushAllAsync();

        // One device write with small batches and one that spans pages: all that comes while the write before is held.
        SimulatedFileSystem? before = null;
        disk.Files.HoldWrites();
        var flushedOffset = log.Append(Batches.Make(10, records: 1, valueBytes: 10), log.LogEndOffset, 0);
        var flushedLength = (int)log.TailAddress;
        await disk.Files.WriteHeld.WaitAsync(LogFixture.TimeLimit, Token);
        for (var i = 12; i < 15; i++)
        {
            log.AppendNext(Batches.Make(i, records: 2, valueBytes: i == 13 ? 2_500 : 40));
        }

        var writes = 0;
        disk.Files.PartialWrite = (_, _, _) =>
        {
            before = ++writes == 2 ? disk.Files.AfterPowerLoss() : before;
            return null;
        };
        disk.Files.ReleaseWrites();
        await log.FlushAllAsync();
        writes.ShouldBe(2);
        var flushed = (await log.ReadAsync(0, flushedOffset, 1 << 20, true, Token)).Records.ToArray();
        var all = await log.ReadAllAsync(0);
        var after = disk.Files.AfterPowerLoss();
        await log.DisposeAsync();
        return new Written(before!, after, flushedLength, flushedOffset, flushed, all);
    }

    private static SimulatedDisk DiskWith(SimulatedFileSystem image, byte[] segment)
    {
        var files = image.Clone();
        files.SetContent(SimulatedDisk.Segment(0), segment);
        return new SimulatedDisk(files);
    }

    private static async Task VerifyAsync(Written written, byte[] segment, string what)
    {
        await using var disk = DiskWith(written.After, segment);
        await using var log = await disk.OpenAsync();
        var content = await log.ReadAllAsync(0);
        content.AsSpan().StartsWith(written.Flushed).ShouldBeTrue($"{what}: flushed records are missing");
        written.All.AsSpan().StartsWith(content).ShouldBeTrue($"{what}: records came back that were never appended");
        log.FlushedOffset.ShouldBe(log.LogEndOffset, what);
    }

    private static async Task VerifyImageAsync(SimulatedFileSystem image, byte[] segment, byte[] expected, long endOffset)
    {
        await using var disk = DiskWith(image, segment);
        await using var log = await disk.OpenAsync();
        (await log.ReadAllAsync(0)).ShouldBeBytes(expected);
        log.LogEndOffset.ShouldBe(endOffset);
    }

    private sealed record Written(
        SimulatedFileSystem Before,
        SimulatedFileSystem After,
        int FlushedLength,
        long FlushedOffset,
        byte[] Flushed,
        byte[] All);
}
