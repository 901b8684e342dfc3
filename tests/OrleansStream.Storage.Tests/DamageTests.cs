using OrleansStream.Storage.Tests.Simulation;

namespace OrleansStream.Storage.Tests;

/// <summary>Flipped bits and missing files: an error that names the place, never a wrong or a missing record.</summary>
public sealed class DamageTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A clean log is not scanned when it is opened: damage shows when the place is read.</summary>
    [Fact]
    public async Task Read_NamesThePlaceAndGoesOffline_WhenAnyByteOfACleanLogIsFlipped()
    {
        var (image, all) = await WriteAsync(clean: true);
        var path = SimulatedDisk.Segment(0);
        var segment = image.Content(path);
        var end = (segment.AsSpan().LastIndexOfAnyExcept((byte)0) + 4) & ~3;
        for (var position = 64; position < segment.Length; position += 7)
        {
            var damaged = segment.ToArray();
            damaged[position] ^= (byte)(1 << (position % 8));
            await using var disk = DiskWith(image, path, damaged);
            PartitionLog log;
            try
            {
                log = await disk.OpenAsync();
            }
            catch (LogOfflineException exception)
            {
                // Behind the end there is nothing to lose, but nothing may stand there either.
                position.ShouldBeGreaterThanOrEqualTo(end);
                exception.Message.ShouldContain(path);
                continue;
            }

            await using var opened = log;
            byte[] content;
            try
            {
                content = await log.ReadAllAsync(0);
            }
            catch (LogOfflineException exception)
            {
                exception.Message.ShouldContain("orders-3");
                exception.Message.ShouldContain(path);
                exception.Message.ShouldContain("address");
                log.OfflineReason.ShouldBe(exception.Message);
                Should.Throw<LogOfflineException>(() => log.Append(Batches.Make(1), log.LogEndOffset, 0));
                await Should.ThrowAsync<LogOfflineException>(async () => await log.ReadAsync(0, long.MaxValue, 1, true, Token));
                continue;
            }

            // Padding between entries belongs to nobody.
            content.ShouldBeBytes(all, $"byte {position} was flipped and nobody noticed");
        }
    }

    /// <summary>After a crash everything behind the checkpoint is scanned; here that is the whole log.</summary>
    [Fact]
    public async Task Open_RefusesOrKeepsEverything_WhenAnyByteOfACrashedLogIsFlipped()
    {
        var (image, all) = await WriteAsync(clean: false);
        var path = SimulatedDisk.Segment(0);
        var segment = image.Content(path);
        var refused = 0;
        for (var position = 64; position < segment.Length; position += 3)
        {
            var damaged = segment.ToArray();
            damaged[position] ^= (byte)(1 << (position % 8));
            await using var disk = DiskWith(image, path, damaged);
            try
            {
                await using var log = await disk.OpenAsync();
                (await log.ReadAllAsync(0)).ShouldBeBytes(all, $"byte {position} was flipped and acknowledged records are gone");
            }
            catch (LogOfflineException exception)
            {
                exception.Message.ShouldContain("orders-3");
                exception.Message.ShouldContain(path);
                refused++;
            }
        }

        refused.ShouldBeGreaterThan((segment.Length - 64) / 3 * 8 / 10);
    }

    [Fact]
    public async Task Open_KeepsEverything_WhenAnyByteOfTheCheckpointIsFlipped()
    {
        var (image, all) = await WriteAsync(clean: true);
        var checkpoint = image.Content(SimulatedDisk.Checkpoint);
        for (var position = 0; position < checkpoint.Length; position++)
        {
            var damaged = checkpoint.ToArray();
            damaged[position] ^= (byte)(1 << (position % 8));
            await using var disk = DiskWith(image, SimulatedDisk.Checkpoint, damaged);
            await using var log = await disk.OpenAsync();
            (await log.ReadAllAsync(0)).ShouldBeBytes(all);
            log.WasCleanShutdown.ShouldBeFalse();
        }
    }

    [Fact]
    public async Task Open_Refuses_WhenAnyBitOfTheIdentityIsFlipped()
    {
        var (image, _) = await WriteAsync(clean: true);
        var path = Path.Combine(SimulatedDisk.Directory, "partition.json");
        var identity = image.Content(path);
        for (var position = 0; position < identity.Length; position++)
        {
            if (char.IsWhiteSpace((char)identity[position]))
            {
                continue;
            }

            var damaged = identity.ToArray();
            damaged[position] ^= 1;
            await using var disk = DiskWith(image, path, damaged);
            (await Should.ThrowAsync<LogOfflineException>(() => disk.OpenAsync(), $"byte {position}")).Message.ShouldContain("partition.json");
        }
    }

    [Fact]
    public async Task Open_Refuses_WhenTheDirectoryIsAnothersOrAnotherVersions()
    {
        await using var fixture = new LogFixture();
        await (await fixture.OpenAsync()).DisposeAsync();

        (await Should.ThrowAsync<LogOfflineException>(() => fixture.OpenAsync(topicId: Guid.NewGuid()))).Message.ShouldContain("topic id");
        (await Should.ThrowAsync<LogOfflineException>(() => fixture.OpenAsync(topicPartition: new TopicPartition("other", 3)))).Message.ShouldContain("belongs to orders-3");
        var path = Path.Combine(fixture.Directory, "partition.json");
        await File.WriteAllTextAsync(path, (await File.ReadAllTextAsync(path, Token)).Replace("\"formatVersion\": 1", "\"formatVersion\": 2", StringComparison.Ordinal), Token);
        (await Should.ThrowAsync<LogOfflineException>(() => fixture.OpenAsync())).Message.ShouldContain("format version 2");
        File.Delete(path);
        await File.WriteAllBytesAsync(Path.Combine(fixture.Directory, "00000000-0000000000.log"), [1], Token);
        (await Should.ThrowAsync<LogOfflineException>(() => fixture.OpenAsync())).Message.ShouldContain("not known whose");
    }

    [Fact]
    public async Task Open_Refuses_WhenDirectoryIsOpenAlready()
    {
        await using var fixture = new LogFixture();
        await using (await fixture.OpenAsync())
        {
            (await Should.ThrowAsync<LogOfflineException>(() => fixture.OpenAsync())).Message.ShouldContain("already open");
        }

        await using var again = await fixture.OpenAsync();
    }

    [Fact]
    public async Task Open_Refuses_WhenSegmentIsMissingOrShort()
    {
        var (image, _) = await WriteAsync(clean: true);
        var path = SimulatedDisk.Segment(0);
        var segment = image.Content(path);

        var missing = image.Clone();
        missing.Delete(path);
        await using var disk = new SimulatedDisk(missing);
        (await Should.ThrowAsync<LogOfflineException>(() => disk.OpenAsync())).Message.ShouldContain($"{path} is missing");

        await using var shorter = DiskWith(image, path, segment[..(segment.Length / 2)]);
        (await Should.ThrowAsync<LogOfflineException>(() => shorter.OpenAsync())).Message.ShouldContain(path);
    }

    [Fact]
    public async Task Open_ScansEverything_WhenIndexFileIsDamaged()
    {
        await using var disk = new SimulatedDisk();
        byte[] all;
        await using (var log = await disk.OpenAsync())
        {
            for (var i = 0; i < 60; i++)
            {
                var batch = Batches.Make(i, valueBytes: 40_000);
                await log.WaitForRoomAsync(batch.Length, Token);
                log.AppendNext(batch);
            }

            all = await log.ReadAllAsync(0);
        }

        var index = disk.Files.Paths().First(path => path.EndsWith(".index", StringComparison.Ordinal));
        var content = disk.Files.Content(index);
        content[20] ^= 4;
        disk.Files.SetContent(index, content);
        await using (var log = await disk.OpenAsync())
        {
            (await log.ReadAllAsync(0)).ShouldBeBytes(all);
        }

        disk.Files.Delete(index);
        await using (var log = await disk.OpenAsync())
        {
            (await log.ReadAllAsync(30)).ShouldBeBytes(await log.ReadAllAsync(30, 50_000));
        }
    }

    private static async Task<(SimulatedFileSystem Image, byte[] All)> WriteAsync(bool clean)
    {
        await using var disk = new SimulatedDisk();
        var log = await disk.OpenAsync();
        for (var i = 0; i < 12; i++)
        {
            // Flushed one by one, so that each entry knows that the ones before it were durable.
            log.AppendNext(Batches.Make(i, records: 3, valueBytes: i == 5 ? 3_000 : 60));
            await log.FlushAllAsync();
        }

        var all = await log.ReadAllAsync(0);
        var crashed = disk.Files.AfterPowerLoss();
        await log.DisposeAsync();
        return (clean ? disk.Files.Clone() : crashed, all);
    }

    private static SimulatedDisk DiskWith(SimulatedFileSystem image, string path, byte[] content)
    {
        var files = image.Clone();
        files.SetContent(path, content);
        return new SimulatedDisk(files);
    }
}
