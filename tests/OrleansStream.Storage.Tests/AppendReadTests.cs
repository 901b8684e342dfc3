using OrleansStream.Protocol.Records;

namespace OrleansStream.Storage.Tests;

public sealed class AppendReadTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Append_ReturnsSameBytesStamped_WhenReadFromMemory()
    {
        await using var fixture = new LogFixture();
        await using var log = await fixture.OpenAsync();
        var expected = log.AppendNext(Batches.Make(1, records: 3), leaderEpoch: 7);

        log.LogEndOffset.ShouldBe(3);
        log.LatestEpoch.ShouldBe(7);
        var read = log.ReadAsync(1, long.MaxValue, 1 << 20, minOneMessage: false, Token);

        read.IsCompletedSuccessfully.ShouldBeTrue("the tail is served from memory");
        (await read).Records.ShouldBeBytes(expected);
    }

    [Fact]
    public async Task Read_FillsTheCallersMemory_WhenReadFromMemory()
    {
        await using var fixture = new LogFixture();
        await using var log = await fixture.OpenAsync();
        var expected = log.AppendNext(Batches.Make(1, records: 3, valueBytes: 30_000));
        var memory = new byte[expected.Length];

        var read = await log.ReadAsync(0, long.MaxValue, 1 << 20, minOneMessage: false, length => memory.AsMemory(0, length), Token);

        read.Records.ShouldBeBytes(expected);
        read.Records.Span.Overlaps(memory).ShouldBeTrue();
    }

    [Fact]
    public async Task Read_ReturnsEveryBatchFromEveryOffset_WhenReopened()
    {
        await using var fixture = new LogFixture();
        var expected = new List<(long Offset, byte[] Batch)>();
        await using (var log = await fixture.OpenAsync())
        {
            for (var i = 0; i < 300; i++)
            {
                // From less than a page to many pages.
                var batch = Batches.Make(i, records: 1 + (i % 5), valueBytes: i % 50 == 0 ? 30_000 : 10 + (i * 7 % 900));
                await log.WaitForRoomAsync(batch.Length, Token);
                var offset = log.LogEndOffset;
                expected.Add((offset, log.AppendNext(batch)));
            }

            await log.FlushAllAsync();
            log.FlushedOffset.ShouldBe(log.LogEndOffset);
            await VerifyAsync(log, expected);
        }

        await using (var log = await fixture.OpenAsync())
        {
            log.WasCleanShutdown.ShouldBeTrue();
            await VerifyAsync(log, expected);
        }
    }

    [Fact]
    public async Task Append_GoesOnAfterReopening_WhenTailIsWithinASector()
    {
        await using var fixture = new LogFixture();
        var expected = new List<(long Offset, byte[] Batch)>();
        for (var round = 0; round < 20; round++)
        {
            await using var log = await fixture.OpenAsync();
            log.LogEndOffset.ShouldBe(round * 3);
            expected.Add((log.LogEndOffset, log.AppendNext(Batches.Make(round, records: 3, valueBytes: 50 + round))));
            await VerifyAsync(log, expected);
        }
    }

    [Fact]
    public async Task Read_StopsBeforeMaxOffset_WhenBatchReachesIt()
    {
        await using var fixture = new LogFixture();
        await using var log = await fixture.OpenAsync();
        var first = log.AppendNext(Batches.Make(1, records: 2));
        log.AppendNext(Batches.Make(2, records: 2));

        (await log.ReadAsync(0, 3, 1 << 20, true, Token)).Records.ShouldBeBytes(first);
        (await log.ReadAsync(2, 3, 1 << 20, true, Token)).Records.Length.ShouldBe(0);
        (await log.ReadAsync(2, 2, 1 << 20, true, Token)).Records.Length.ShouldBe(0);
    }

    [Fact]
    public async Task Read_ObeysMaxBytes_UnlessOneMessageIsAskedFor()
    {
        await using var fixture = new LogFixture();
        await using var log = await fixture.OpenAsync();
        var first = log.AppendNext(Batches.Make(1, valueBytes: 9_000));
        var second = log.AppendNext(Batches.Make(2));
        await log.FlushAllAsync();

        (await log.ReadAsync(0, long.MaxValue, 100, false, Token)).Records.Length.ShouldBe(0);
        (await log.ReadAsync(0, long.MaxValue, 100, true, Token)).Records.ShouldBeBytes(first);
        (await log.ReadAsync(0, long.MaxValue, 0, true, Token)).Records.ShouldBeBytes(first);
        (await log.ReadAsync(0, long.MaxValue, first.Length + second.Length, false, Token)).Records.ShouldBeBytes([.. first, .. second]);
        (await log.ReadAsync(0, long.MaxValue, first.Length + second.Length - 1, false, Token)).Records.ShouldBeBytes(first);
    }

    [Theory]
    [InlineData(-1, LogReadStatus.OffsetOutOfRange)]
    [InlineData(0, LogReadStatus.Ok)]
    [InlineData(2, LogReadStatus.Ok)]
    [InlineData(3, LogReadStatus.OffsetOutOfRange)]
    public async Task Read_TellsOutOfRange_WhenOffsetIsOutsideTheLog(long offset, LogReadStatus expected)
    {
        await using var fixture = new LogFixture();
        await using var log = await fixture.OpenAsync();
        log.AppendNext(Batches.Make(1, records: 2));

        (await log.ReadAsync(offset, long.MaxValue, 100, true, Token)).Status.ShouldBe(expected);
    }

    [Fact]
    public async Task Append_KeepsGaps_WhenBaseOffsetIsBeyondTheEnd()
    {
        await using var fixture = new LogFixture();
        await using var log = await fixture.OpenAsync();
        var first = Batches.Stamp(Batches.Make(1), 10, 0);
        var second = Batches.Stamp(Batches.Make(2, records: 2), 20, 0);
        log.Append(first, 10, 0).ShouldBe(11);
        log.Append(second, 20, 0).ShouldBe(22);

        (await log.ReadAsync(3, long.MaxValue, 1 << 20, true, Token)).Records.ShouldBeBytes([.. first, .. second]);
        (await log.ReadAsync(15, long.MaxValue, 1 << 20, true, Token)).Records.ShouldBeBytes(second);
    }

    [Fact]
    public async Task Append_Refuses_WhenBatchOrOrderIsWrong()
    {
        await using var fixture = new LogFixture();
        await using var log = await fixture.OpenAsync();
        log.AppendNext(Batches.Make(1, records: 2), leaderEpoch: 5);
        var batch = Batches.Make(2);

        Should.Throw<ArgumentOutOfRangeException>(() => log.Append(batch, 1, 5)).Message.ShouldContain("ends at offset 2");
        Should.Throw<ArgumentOutOfRangeException>(() => log.Append(batch, 2, 4)).Message.ShouldContain("leader epoch 5");
        Should.Throw<ArgumentException>(() => log.Append(batch.AsMemory(1), 2, 5));
        Should.Throw<ArgumentException>(() => log.Append((byte[])[.. batch, .. batch], 2, 5));
        Should.Throw<ArgumentException>(() => log.Append(default, 2, 5));
        log.LogEndOffset.ShouldBe(2);
    }

    [Fact]
    public async Task Append_TakesBatch_WhenItIsLargerThanTheBuffer()
    {
        await using var fixture = new LogFixture();
        await using var log = await fixture.OpenAsync();
        var small = log.AppendNext(Batches.Make(1));
        var batch = Batches.Make(2, records: 4, valueBytes: 200_000);
        await log.WaitForRoomAsync(batch.Length, Token);
        var large = log.AppendNext(batch);
        var last = log.AppendNext(Batches.Make(3));
        await log.FlushAllAsync();

        (await log.ReadAllAsync(0)).ShouldBeBytes([.. small, .. large, .. last]);
    }

    [Fact]
    public async Task Append_WaitsForTheDisk_WhenNobodyWaitedForRoom()
    {
        await using var fixture = new LogFixture();
        await using var log = await fixture.OpenAsync();
        var expected = new MemoryStream();
        for (var i = 0; i < 400; i++)
        {
            expected.Write(log.AppendNext(Batches.Make(i, valueBytes: 5_000)));
        }

        await log.FlushAllAsync();
        (await log.ReadAllAsync(0)).ShouldBeBytes(expected.ToArray());
    }

    [Fact]
    public async Task Read_SeesWholeBatches_WhenAppendsReuseTheMemoryMeanwhile()
    {
        await using var fixture = new LogFixture();
        await using var log = await fixture.OpenAsync();
        using var done = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 2).Select(seed => Task.Run(async () =>
        {
            var random = new Random(seed);
            while (!done.IsCancellationRequested)
            {
                var end = log.LogEndOffset;
                var offset = Math.Max(0, end - random.Next(1, 60));
                var result = await log.ReadAsync(offset, end, 30_000, true, CancellationToken.None);
                foreach (var batch in Batches.Split(result.Records))
                {
                    RecordBatch.VerifyCrc(batch.Memory.Span).ShouldBeTrue();
                    batch.Header.BaseOffset.ShouldBe(offset);
                    offset = batch.Header.NextOffset;
                }
            }
        }, Token)).ToArray();

        for (var i = 0; i < 2_000; i++)
        {
            var batch = Batches.Make(i, valueBytes: 3_000);
            await log.WaitForRoomAsync(batch.Length, Token);
            log.AppendNext(batch);
        }

        await done.CancelAsync();
        await Task.WhenAll(readers).WaitAsync(LogFixture.TimeLimit, Token);
    }

    private static async Task VerifyAsync(PartitionLog log, List<(long Offset, byte[] Batch)> expected)
    {
        foreach (var (offset, batch) in expected)
        {
            var next = offset + Batches.Split(batch)[0].Header.LastOffsetDelta + 1;
            for (var at = offset; at < next; at++)
            {
                var result = await log.ReadAsync(at, long.MaxValue, 1, minOneMessage: true, Token);
                result.Records.ShouldBeBytes(batch, $"at offset {at}");
            }
        }

        (await log.ReadAllAsync(0)).ShouldBeBytes(expected.SelectMany(entry => entry.Batch).ToArray());
        (await log.ReadAllAsync(0, maxBytes: 10_000)).ShouldBeBytes(expected.SelectMany(entry => entry.Batch).ToArray());
    }
}
