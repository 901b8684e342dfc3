using OrleansStream.Storage.Tests.Simulation;

namespace OrleansStream.Storage.Tests;

/// <summary>Memory, housekeeping, deletion and the listeners.</summary>
public sealed class LifecycleTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Idle_LogGivesItsBufferBackAndGoesOn_WhenTimePasses()
    {
        await using var fixture = new LogFixture();
        await using var log = await fixture.OpenAsync();
        fixture.Environment.BufferBytes.ShouldBe(0, "a log that was only opened has no buffer");
        var first = log.AppendNext(Batches.Make(1));
        await log.FlushAllAsync();
        fixture.Environment.BufferBytes.ShouldBeGreaterThan(0);

        await fixture.Environment.RunHousekeepingAsync();
        fixture.Environment.BufferBytes.ShouldBeGreaterThan(0, "it was appended to just now");
        fixture.Time.Advance(fixture.Options.IdleTime);
        await fixture.Environment.RunHousekeepingAsync();
        fixture.Environment.BufferBytes.ShouldBe(0);
        fixture.Environment.ActiveLogs.ShouldBe(0, "nothing is left to do for an idle log");

        var second = log.AppendNext(Batches.Make(2));
        (await log.ReadAllAsync(0)).ShouldBeBytes([.. first, .. second]);
    }

    [Fact]
    public async Task Budget_IsSharedAndReclaimed_WhenManyLogsAreActive()
    {
        await using var fixture = new LogFixture(options: new LogEnvironmentOptions
        {
            PageBytes = 4096,
            MinBufferBytes = 32 * 1024,
            MaxBufferBytes = 128 * 1024,
            BufferBudgetBytes = 512 * 1024,
        });
        var logs = new List<PartitionLog>();
        for (var i = 0; i < 60; i++)
        {
            var partition = new TopicPartition("many", i);
            var log = await fixture.OpenAsync(topicPartition: partition, directory: PartitionDirectories.PathOf(fixture.Root, partition));
            logs.Add(log);
            log.AppendNext(Batches.Make(i, valueBytes: 2_000));
            await log.FlushAllAsync();
        }

        fixture.Environment.BufferBytes.ShouldBeLessThanOrEqualTo(fixture.Options.BufferBudgetBytes + fixture.Options.MinBufferBytes);
        for (var i = 0; i < logs.Count; i++)
        {
            (await logs[i].ReadAllAsync(0)).ShouldBeBytes(Batches.Stamp(Batches.Make(i, valueBytes: 2_000), 0, 0));
            await logs[i].DisposeAsync();
        }

        fixture.Environment.BufferBytes.ShouldBe(0);
    }

    [Fact]
    public async Task Buffer_Grows_WhenOthersGaveTheirsBackAndItIsFull()
    {
        await using var fixture = new LogFixture(new SimulatedFileSystem(), new LogEnvironmentOptions
        {
            PageBytes = 4096,
            MinBufferBytes = 32 * 1024,
            MaxBufferBytes = 512 * 1024,
            BufferBudgetBytes = 1024 * 1024,
        });
        var files = (SimulatedFileSystem)fixture.FileSystem;
        var others = new List<PartitionLog>();
        for (var i = 0; i < 16; i++)
        {
            var partition = new TopicPartition("many", i);
            others.Add(await fixture.OpenAsync(topicPartition: partition, directory: "/simulated/many-" + i));
            others[i].AppendNext(Batches.Make(i));
            await others[i].FlushAllAsync();
        }

        await using var log = await fixture.OpenAsync();
        var expected = new MemoryStream();
        expected.Write(log.AppendNext(Batches.Make(100)));
        await log.FlushAllAsync();
        foreach (var other in others)
        {
            await other.DisposeAsync();
        }

        var before = fixture.Environment.BufferBytes;
        before.ShouldBe(32 * 1024);
        files.HoldWrites();
        for (var i = 0; i < 40; i++)
        {
            var batch = Batches.Make(i, valueBytes: 3_000);
            var room = log.WaitForRoomAsync(batch.Length, Token);
            if (!room.IsCompleted)
            {
                files.ReleaseWrites();
            }

            await room.AsTask().WaitAsync(LogFixture.TimeLimit, Token);
            expected.Write(log.AppendNext(batch));
        }

        await log.FlushAllAsync();
        fixture.Environment.BufferBytes.ShouldBeGreaterThan(before);
        (await log.ReadAllAsync(0)).ShouldBeBytes(expected.ToArray());
    }

    [Fact]
    public async Task Housekeeping_WritesACheckpoint_SoThatARecoveryScansLittle()
    {
        await using var disk = new SimulatedDisk();
        await using var log = await disk.OpenAsync();
        for (var i = 0; i < 50; i++)
        {
            log.AppendNext(Batches.Make(i));
        }

        await log.FlushAllAsync();
        disk.Time.Advance(TimeSpan.FromSeconds(4));
        await disk.Environment.RunHousekeepingAsync();
        var image = disk.Files.AfterPowerLoss();
        var reads = 0;
        image.Fault = (operation, path) =>
        {
            reads += operation == DiskOperation.Read && path.EndsWith(".log", StringComparison.Ordinal) ? 1 : 0;
            return null;
        };
        await using var crashed = new SimulatedDisk(image);
        await using var again = await crashed.OpenAsync();
        again.LogEndOffset.ShouldBe(50);
        again.WasCleanShutdown.ShouldBeFalse();
        reads.ShouldBeLessThanOrEqualTo(2, "only what follows the checkpoint is looked at");
    }

    [Fact]
    public async Task Housekeeping_GoesOn_WhenItFailedOnceForAReasonThatNobodyForesaw()
    {
        await using var disk = new SimulatedDisk();
        await using var log = await disk.OpenAsync();
        log.AppendNext(Batches.Make(1));
        await log.FlushAllAsync();
        disk.Time.Advance(TimeSpan.FromSeconds(4));
        var failures = 0;
        disk.Files.Fault = (_, path) =>
            path.Contains("checkpoint", StringComparison.Ordinal) && Interlocked.Increment(ref failures) == 1 ? new InvalidOperationException("Unforeseen.") : null;

        await disk.Environment.RunHousekeepingAsync();
        failures.ShouldBe(1);
        disk.Environment.ActiveLogs.ShouldBe(1, "there is something left to do for it");
        log.OfflineReason.ShouldBeNull();
        await disk.Environment.RunHousekeepingAsync();

        failures.ShouldBeGreaterThan(1);
        disk.Files.AfterPowerLoss().List(SimulatedDisk.Directory).ShouldContain(file => file.Name == "checkpoint");
    }

    [Fact]
    public async Task Delete_RemovesTheDirectory_AndStartFinishesWhatACrashInterrupted()
    {
        await using var fixture = new LogFixture();
        var log = await fixture.OpenAsync();
        log.AppendNext(Batches.Make(1));
        await log.DeleteAsync();
        Directory.GetDirectories(fixture.Root).ShouldBeEmpty();
        await using (var again = await fixture.OpenAsync(topicId: Guid.NewGuid()))
        {
            again.LogEndOffset.ShouldBe(0);
        }

        Directory.Move(fixture.Directory, fixture.Directory + ".x.deleted");
        PartitionDirectories.RemoveDeleted(fixture.Root).ShouldBe(1);
        Directory.GetDirectories(fixture.Root).ShouldBeEmpty();
    }

    [Fact]
    public async Task Read_FindsTheLogClosed_WhenItIsDeletedUnderIt()
    {
        await using var disk = new SimulatedDisk();
        var log = await disk.OpenAsync();
        log.AppendNext(Batches.Make(1));
        await log.FlushAllAsync();
        disk.Time.Advance(TimeSpan.FromMinutes(10));
        await disk.Environment.RunHousekeepingAsync();
        disk.Environment.BufferBytes.ShouldBe(0, "so that the read goes to the disk");
        disk.Files.Fault = (operation, path) =>
        {
            if (operation != DiskOperation.Read)
            {
                return null;
            }

            disk.Files.Fault = null;
            log.DeleteAsync().AsTask().Wait(LogFixture.TimeLimit).ShouldBeTrue("deleting a log does not wait for its readers");
            return new FileNotFoundException($"Could not find file '{path}'.", path);
        };

        await Should.ThrowAsync<ObjectDisposedException>(() => log.ReadAsync(0, long.MaxValue, 100, true, Token).AsTask());

        log.OfflineReason.ShouldBeNull("no disk has failed");
    }

    [Fact]
    public async Task FlushedOffsetAdvanced_IsRaisedInOrder_AndAFailingListenerHarmsNobody()
    {
        await using var fixture = new LogFixture();
        await using var log = await fixture.OpenAsync();
        var seen = new List<long>();
        log.FlushedOffsetAdvanced += raised => seen.Add(raised.FlushedOffset);
        log.FlushedOffsetAdvanced += _ => throw new InvalidOperationException("a listener's fault");
        for (var i = 0; i < 50; i++)
        {
            log.AppendNext(Batches.Make(i));
        }

        await log.FlushAllAsync();
        await log.DisposeAsync();
        seen.ShouldBe(seen.Order().Distinct());
        seen[^1].ShouldBe(50);
    }

    [Fact]
    public async Task Flush_IsOneDeviceWrite_ForAllAppendsThatWait()
    {
        await using var disk = new SimulatedDisk();
        await using var log = await disk.OpenAsync();
        disk.Files.HoldWrites();
        log.AppendNext(Batches.Make(0));
        await disk.Files.WriteHeld.WaitAsync(LogFixture.TimeLimit, Token);
        for (var i = 1; i < 100; i++)
        {
            log.AppendNext(Batches.Make(i));
        }

        disk.Files.ReleaseWrites();
        await log.FlushAllAsync();
        disk.Files.Writes.Count.ShouldBe(2, "the first batch, then all that came meanwhile");
    }

    [Fact]
    public async Task Room_IsGivenInOrder_WhenFlushesMakeIt()
    {
        await using var disk = new SimulatedDisk();
        await using var log = await disk.OpenAsync();
        disk.Files.HoldWrites();
        log.AppendNext(Batches.Make(0, valueBytes: 100_000));
        await disk.Files.WriteHeld.WaitAsync(LogFixture.TimeLimit, Token);
        var order = new List<int>();
        using var cancelled = new CancellationTokenSource();
        var waits = Enumerable.Range(0, 6).Select(i => WaitAsync(i, i == 2 ? cancelled.Token : Token)).ToList();
        waits.ShouldAllBe(wait => !wait.IsCompleted);
        await cancelled.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => waits[2]);

        disk.Files.ReleaseWrites();
        foreach (var wait in waits.Where((_, i) => i != 2))
        {
            // None of them appends: the housekeeping finds that out.
            await wait.WaitAsync(LogFixture.TimeLimit, Token);
            await disk.Environment.RunHousekeepingAsync();
        }

        order.ShouldBe([0, 1, 3, 4, 5]);

        async Task WaitAsync(int number, CancellationToken cancellationToken)
        {
            await log.WaitForRoomAsync(150_000, cancellationToken);
            lock (order)
            {
                order.Add(number);
            }
        }
    }

    [Fact]
    public void Options_NameTheKeyAndTheRule_WhenTheyAreWrong()
    {
        Should.Throw<ArgumentException>(() => new LogEnvironmentOptions { PageBytes = 5_000 }.Validate()).Message.ShouldContain("PageBytes is 5000");
        Should.Throw<ArgumentException>(() => new LogEnvironmentOptions { MinBufferBytes = 65_536 }.Validate()).Message.ShouldContain("MinBufferBytes");
        Should.Throw<ArgumentException>(() => new LogEnvironmentOptions { FlushThreads = 0 }.Validate()).Message.ShouldContain("FlushThreads is 0");
        new LogEnvironmentOptions().Validate();
    }

    [Fact]
    public void Directories_AreNamedAsKafkaNamesThem()
    {
        PartitionDirectories.PathOf("/data", new TopicPartition("a-b", 7)).ShouldBe(Path.Combine("/data", "a-b-7"));
        var root = Directory.CreateTempSubdirectory("orleansstream-directories");
        try
        {
            root.CreateSubdirectory("a-b-7");
            root.CreateSubdirectory("plain");
            root.CreateSubdirectory("a-b-7.x.deleted");
            PartitionDirectories.List(root.FullName).ShouldBe([new TopicPartition("a-b", 7)]);
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }
}
