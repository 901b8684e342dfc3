using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansStream.Metadata.Local;

namespace OrleansStream.Metadata.Tests.Local;

public sealed class LocalMetadataDatabaseTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("ostream-metadata-").FullName;
    private readonly ManualTime _time = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Open_FindsPersistentNodesAndNoEphemeralOnes_AfterDisposal()
    {
        long lastZxid;
        long firstSession;
        await using (var store = await OpenAsync())
        {
            firstSession = store.SessionId;
            await store.CreateAsync("/persistent", Encoding.UTF8.GetBytes("data"), cancellationToken: Cancellation);
            await store.SetDataAsync("/persistent", Encoding.UTF8.GetBytes("newer"), 0, Cancellation);
            lastZxid = (await store.CreateAsync("/ephemeral", default, CreateMode.Ephemeral, Cancellation)).Value.Stat.CreatedZxid;
        }

        await using var again = await OpenAsync();

        var read = (await again.GetDataAsync("/persistent", cancellationToken: Cancellation)).Value;
        Encoding.UTF8.GetString(read.Data.Span).ShouldBe("newer");
        read.Stat.Version.ShouldBe(1);
        (await again.ExistsAsync("/ephemeral", cancellationToken: Cancellation)).ShouldBeNull();
        again.SessionId.ShouldBeGreaterThan(firstSession);
        (await again.CreateAsync("/next", default, cancellationToken: Cancellation)).Value.Stat.CreatedZxid.ShouldBeGreaterThan(lastZxid);
    }

    [Fact]
    public async Task Open_EndsLeftSessions_WhenTheProcessWasKilled()
    {
        var disk = new MemoryDirectory();
        var database = LocalMetadataDatabase.Open(disk, null, long.MaxValue, _time, NullLogger.Instance);
        var store = await database.OpenSessionAsync(Cancellation);
        await store.CreateAsync("/persistent", default, cancellationToken: Cancellation);
        await store.CreateAsync("/ephemeral", default, CreateMode.Ephemeral, Cancellation);

        await using var reopened = LocalMetadataDatabase.Open(disk.AfterPowerLoss(), null, long.MaxValue, _time, NullLogger.Instance);
        var other = await reopened.OpenSessionAsync(Cancellation);

        (await other.GetChildrenAsync("/", cancellationToken: Cancellation)).Value.Names.ShouldBe(["persistent"]);
        other.SessionId.ShouldBeGreaterThan(store.SessionId);
        await database.DisposeAsync();
    }

    [Fact]
    public async Task Open_NamesTheProcess_WhenTheDirectoryIsInUse()
    {
        await using var store = await OpenAsync();

        var thrown = await Should.ThrowAsync<MetadataLockedException>(OpenAsync);

        thrown.ProcessId.ShouldBe(Environment.ProcessId);
        thrown.Message.ShouldBe(
            $"The metadata directory '{_directory}' is in use by the process with id {Environment.ProcessId}; stop it or use another directory.");
    }

    [Fact]
    public async Task Open_Works_AfterTheHolderIsGone()
    {
        await (await OpenAsync()).DisposeAsync();

        await using var store = await OpenAsync();

        store.Recovery.TornBytes.ShouldBe(0);
    }

    [Fact]
    public async Task Open_RefusesWithTheFilesName_WhenAFileIsDamaged()
    {
        await (await OpenAsync()).DisposeAsync();
        var journal = Directory.GetFiles(_directory, "journal-*").Single();
        var bytes = await File.ReadAllBytesAsync(journal, Cancellation);
        bytes[JournalFormat.FileHeaderBytes + 3] ^= 0x80;
        await File.WriteAllBytesAsync(journal, bytes, Cancellation);

        (await Should.ThrowAsync<MetadataCorruptException>(OpenAsync)).Message.ShouldContain(journal);

        // The refusal lets go of the directory.
        bytes[JournalFormat.FileHeaderBytes + 3] ^= 0x80;
        await File.WriteAllBytesAsync(journal, bytes, Cancellation);
        await (await OpenAsync()).DisposeAsync();
    }

    [Fact]
    public async Task Rotation_KeepsTheFilesSmall_WhenOneNodeIsSetAgainAndAgain()
    {
        const int MaxJournalBytes = 64 * 1024;
        await using (var store = await OpenAsync(MaxJournalBytes))
        {
            await store.CreateAsync("/a", default, cancellationToken: Cancellation);
            for (var i = 0; i < 100; i++)
            {
                await store.SetDataAsync("/a", new byte[8000], i, Cancellation);
            }
        }

        Directory.GetFiles(_directory).Sum(file => new FileInfo(file).Length).ShouldBeLessThan(2 * MaxJournalBytes);
        await using var again = await OpenAsync(MaxJournalBytes);
        (await again.ExistsAsync("/a", cancellationToken: Cancellation))!.Version.ShouldBe(100);
        again.Recovery.SnapshotZxid.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Writes_FailWithoutEffectAndReadsGoOn_WhileTheDiskIsFull()
    {
        var disk = new MemoryDirectory();
        await using var database = LocalMetadataDatabase.Open(disk, null, long.MaxValue, _time, NullLogger.Instance);
        var store = await database.OpenSessionAsync(Cancellation);
        var created = (await store.CreateAsync("/a", Encoding.UTF8.GetBytes("kept"), cancellationToken: Cancellation)).Value;
        var events = new List<WatchEvent>();
        await store.GetDataAsync("/a", events.Add, Cancellation);
        await store.GetChildrenAsync("/", events.Add, Cancellation);
        disk.Room = 10;

        var thrown = await Should.ThrowAsync<MetadataUnavailableException>(() => store.SetDataAsync("/a", new byte[100], -1, Cancellation));
        await Should.ThrowAsync<MetadataUnavailableException>(() => store.CreateAsync("/b", default, cancellationToken: Cancellation));

        thrown.IsOutcomeUnknown.ShouldBeFalse();
        thrown.Message.ShouldContain("No space left on device");
        var read = (await store.GetDataAsync("/a", cancellationToken: Cancellation)).Value;
        Encoding.UTF8.GetString(read.Data.Span).ShouldBe("kept");
        read.Stat.ShouldBe(created.Stat);
        events.ShouldBeEmpty();
        database.ReadOnlyReason.ShouldBeNull();

        disk.Room = long.MaxValue;
        (await store.SetDataAsync("/a", default, 0, Cancellation)).Value.ModifiedZxid.ShouldBe(created.Stat.CreatedZxid + 1);
        events.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task ABatch_IsUndoneAsAWhole_WhenTheDiskRefusesIt()
    {
        var disk = new MemoryDirectory();
        await using var database = LocalMetadataDatabase.Open(disk, null, long.MaxValue, _time, NullLogger.Instance);
        var store = await database.OpenSessionAsync(Cancellation);
        using var gate = new ManualResetEventSlim();
        var isReached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await store.ExistsAsync("/gate", _ => Hold(gate, isReached), Cancellation);
        var opening = store.CreateAsync("/gate", default, cancellationToken: Cancellation);
        await isReached.Task.WaitAsync(TimeSpan.FromSeconds(20), Cancellation);

        // While the loop is held, these gather to one batch.
        disk.Room = 1;
        var create = store.CreateAsync("/a", default, cancellationToken: Cancellation);
        var failingSet = store.SetDataAsync("/a", default, 5, Cancellation);
        var readInBetween = store.GetDataAsync("/a", cancellationToken: Cancellation);
        var check = store.MultiAsync([new MultiOperation.Check("/gate", 0)], Cancellation);
        gate.Set();

        await opening;
        await Should.ThrowAsync<MetadataUnavailableException>(() => create);
        (await failingSet).Error.ShouldBe(MetadataError.NoNode);
        (await readInBetween).Error.ShouldBe(MetadataError.NoNode);
        (await check).IsSuccess.ShouldBeTrue();
    }

    [Fact]
    public async Task Writes_ShareFlushes_WhenManyWait()
    {
        var disk = new MemoryDirectory();
        await using var database = LocalMetadataDatabase.Open(disk, null, long.MaxValue, _time, NullLogger.Instance);
        var store = await database.OpenSessionAsync(Cancellation);
        using var gate = new ManualResetEventSlim();
        var isReached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await store.ExistsAsync("/gate", _ => Hold(gate, isReached), Cancellation);
        var opening = store.CreateAsync("/gate", default, cancellationToken: Cancellation);
        await isReached.Task.WaitAsync(TimeSpan.FromSeconds(20), Cancellation);
        var flushes = disk.FlushCount;

        var writes = Enumerable.Range(0, 100).Select(i => store.CreateAsync($"/{i}", default, cancellationToken: Cancellation)).ToArray();
        gate.Set();
        await Task.WhenAll([opening, .. writes]);

        disk.FlushCount.ShouldBe(flushes + 1);
    }

    [Fact]
    public async Task NoAnswerThatShowsAChange_IsGiven_WhileItsWatchIsBeingCalled()
    {
        await using var database = LocalMetadataDatabase.Open(new MemoryDirectory(), null, long.MaxValue, _time, NullLogger.Instance);
        var store = await database.OpenSessionAsync(Cancellation);
        using var gate = new ManualResetEventSlim();
        var isReached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await store.ExistsAsync("/a", _ => Hold(gate, isReached), Cancellation);
        var write = new LocalRequest.Multi(store.SessionId, [new MultiOperation.Create("/a", default)]);
        var read = new LocalRequest.Read<bool>(store.SessionId, tree => tree.Nodes.ContainsKey("/a"), null);

        await database.EnqueueAsync(write, Cancellation);
        await database.EnqueueAsync(read, Cancellation);
        await isReached.Task.WaitAsync(TimeSpan.FromSeconds(20), Cancellation);

        write.Task.IsCompleted.ShouldBeFalse();
        read.Task.IsCompleted.ShouldBeFalse();
        gate.Set();
        (await read.Task).ShouldBeTrue();
    }

    [Fact]
    public async Task AWatchThatThrows_DoesNotStopTheStore()
    {
        await using var store = await OpenAsync();
        await store.ExistsAsync("/a", _ => throw new InvalidOperationException("a mistake"), Cancellation);

        (await store.CreateAsync("/a", default, cancellationToken: Cancellation)).IsSuccess.ShouldBeTrue();
        (await store.ExistsAsync("/a", cancellationToken: Cancellation)).ShouldNotBeNull();
    }

    [Fact]
    public async Task Disposal_AnswersWhatIsQueued_AndRefusesTheRest()
    {
        var database = await LocalMetadataDatabase.OpenAsync(new LocalMetadataOptions { Directory = _directory }, _time, cancellationToken: Cancellation);
        var store = await database.OpenSessionAsync(Cancellation);
        var writes = Enumerable.Range(0, 50).Select(i => store.CreateAsync($"/{i}", default, cancellationToken: Cancellation)).ToArray();

        await database.DisposeAsync();

        (await Task.WhenAll(writes)).ShouldAllBe(write => write.IsSuccess);
        store.SessionEnded.IsCancellationRequested.ShouldBeTrue();
        await Should.ThrowAsync<ObjectDisposedException>(() => store.CreateAsync("/x", default, cancellationToken: Cancellation));
        await store.DisposeAsync();
    }

    [Fact]
    public async Task KilledProcess_LosesNothingItWasToldIsDone()
    {
        // A second process writes and says so line by line until it is killed.
        using var writer = StartWriter();
        var acknowledged = 0;
        while (acknowledged < 200)
        {
            var line = await writer.StandardOutput.ReadLineAsync(Cancellation).AsTask().WaitAsync(TimeSpan.FromSeconds(60), Cancellation);
            if (line is null)
            {
                Assert.Fail($"The writer ended by itself: {await writer.StandardError.ReadToEndAsync(Cancellation)}");
            }

            acknowledged = int.Parse(line);
        }

        (await Should.ThrowAsync<MetadataLockedException>(OpenAsync)).ProcessId.ShouldBe(writer.Id);
        writer.Kill();
        await writer.WaitForExitAsync(Cancellation);
        while (await writer.StandardOutput.ReadLineAsync(Cancellation) is { } line)
        {
            acknowledged = int.TryParse(line, out var later) ? later : acknowledged;
        }

        await using var store = await OpenAsync();
        var names = (await store.GetChildrenAsync("/", cancellationToken: Cancellation)).Value.Names;
        names.ShouldNotContain("ephemeral");
        names.Length.ShouldBeInRange(acknowledged, acknowledged + 1);
    }

    private static void Hold(ManualResetEventSlim gate, TaskCompletionSource isReached)
    {
        isReached.SetResult();
        gate.Wait(TimeSpan.FromSeconds(20)).ShouldBeTrue("the test did not open the gate");
    }

    private Process StartWriter()
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet")
        {
            start.ArgumentList.Add("exec");
            start.ArgumentList.Add(typeof(LocalMetadataDatabaseTests).Assembly.Location);
        }

        start.Environment[JournalWriterProcess.DirectoryVariable] = _directory;
        return Process.Start(start)!;
    }

    private Task<LocalMetadataStore> OpenAsync() => OpenAsync(16 * 1024 * 1024);

    private Task<LocalMetadataStore> OpenAsync(long maxJournalBytes)
        => LocalMetadataStore.OpenAsync(
            new LocalMetadataOptions { Directory = _directory, MaxJournalBytes = maxJournalBytes }, _time, cancellationToken: Cancellation);
}
