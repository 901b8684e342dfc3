namespace OrleansStream.Storage.Tests;

public sealed class ReadAheadTests
{
    private const int BatchBytes = 60_000;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Read_GoesOnFromWhatWasReadAhead_WhenReaderIsSequential()
    {
        await using var fixture = new LogFixture();
        await using var log = await fixture.OpenAsync();
        var expected = await FillAsync(log, batches: 100);

        var first = await ReadAsync(log, 0, 300_000);
        fixture.Environment.ReadAheadBudget.ReservedBytes.ShouldBe(0, "one read does not make a sequential reader");
        var second = await ReadAsync(log, first.NextOffset, 300_000);
        fixture.Environment.ReadAheadBudget.ReservedBytes.ShouldBe(300_000);

        var rest = await log.ReadAllAsync(second.NextOffset, maxBytes: 300_000);
        ((byte[])[.. first.Bytes, .. second.Bytes, .. rest]).ShouldBeBytes(expected);
    }

    [Fact]
    public async Task Read_ReturnsTheSame_WhenSizesAndEndsChangeFromReadToRead()
    {
        await using var fixture = new LogFixture();
        await using var log = await fixture.OpenAsync();
        var expected = await FillAsync(log, batches: 150);
        for (var seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            var all = new MemoryStream();
            for (var offset = 0L; offset < log.LogEndOffset;)
            {
                var maxOffset = random.Next(3) == 0 ? offset + random.Next(5) : long.MaxValue;
                var read = await log.ReadAsync(offset, maxOffset, random.Next(4) == 0 ? random.Next(70_000) : random.Next(900_000), random.Next(2) == 0, Token);
                all.Write(read.Records.Span);
                foreach (var batch in Batches.Split(read.Records))
                {
                    batch.Header.BaseOffset.ShouldBe(offset, $"seed {seed}");
                    offset = batch.Header.NextOffset;
                    offset.ShouldBeLessThanOrEqualTo(maxOffset, $"seed {seed}");
                }
            }

            all.ToArray().ShouldBeBytes(expected, $"seed {seed}");
        }
    }

    [Fact]
    public async Task Read_DoesNotSeeVoidBatches_WhenTailIsTruncatedAfterReadAhead()
    {
        await using var fixture = new LogFixture();
        await using var log = await fixture.OpenAsync();
        await FillAsync(log, batches: 60);
        var first = await ReadAsync(log, 0, 300_000);
        var second = await ReadAsync(log, first.NextOffset, 300_000);
        fixture.Environment.ReadAheadBudget.ReservedBytes.ShouldBeGreaterThan(0);

        await log.TruncateTailAsync(second.NextOffset, Token);
        fixture.Environment.ReadAheadBudget.ReservedBytes.ShouldBe(0);
        var replaced = log.AppendNext(Batches.Make(999), leaderEpoch: 1);

        (await ReadAsync(log, second.NextOffset, 300_000)).Bytes.ShouldBeBytes(replaced);
    }

    [Fact]
    public async Task Maintain_DropsWhatWasReadAhead_WhenNobodyComesForIt()
    {
        await using var fixture = new LogFixture();
        await using var log = await fixture.OpenAsync();
        await FillAsync(log, batches: 60);
        var first = await ReadAsync(log, 0, 300_000);
        await ReadAsync(log, first.NextOffset, 300_000);
        fixture.Environment.ReadAheadBudget.ReservedBytes.ShouldBeGreaterThan(0);

        fixture.Time.Advance(TimeSpan.FromSeconds(3));
        await fixture.Environment.RunHousekeepingAsync();

        fixture.Environment.ReadAheadBudget.ReservedBytes.ShouldBe(0);
    }

    [Fact]
    public async Task Read_DoesNotReadAhead_WhenThereIsNoBudget()
    {
        await using var fixture = new LogFixture(options: new LogEnvironmentOptions { PageBytes = 4096, MinBufferBytes = 64 * 1024, MaxBufferBytes = 256 * 1024, ReadAheadBudgetBytes = 0 });
        await using var log = await fixture.OpenAsync();
        var expected = await FillAsync(log, batches: 60);

        (await log.ReadAllAsync(0, maxBytes: 300_000)).ShouldBeBytes(expected);
        fixture.Environment.ReadAheadBudget.ReservedBytes.ShouldBe(0);
    }

    [Fact]
    public async Task Dispose_GivesTheBudgetBack_WhenSomethingIsReadAhead()
    {
        await using var fixture = new LogFixture();
        await using (var log = await fixture.OpenAsync())
        {
            await FillAsync(log, batches: 60);
            var first = await ReadAsync(log, 0, 300_000);
            await ReadAsync(log, first.NextOffset, 300_000);
            fixture.Environment.ReadAheadBudget.ReservedBytes.ShouldBeGreaterThan(0);
        }

        fixture.Environment.ReadAheadBudget.ReservedBytes.ShouldBe(0);
    }

    private static async Task<byte[]> FillAsync(PartitionLog log, int batches)
    {
        var all = new MemoryStream();
        for (var i = 0; i < batches; i++)
        {
            var batch = Batches.Make(i, records: 2, valueBytes: BatchBytes / 2);
            await log.WaitForRoomAsync(batch.Length, Token);
            all.Write(log.AppendNext(batch));
        }

        await log.FlushAllAsync();
        return all.ToArray();
    }

    private static async Task<(byte[] Bytes, long NextOffset)> ReadAsync(PartitionLog log, long offset, int maxBytes)
    {
        var read = await log.ReadAsync(offset, long.MaxValue, maxBytes, minOneMessage: true, Token);
        return (read.Records.ToArray(), Batches.Split(read.Records)[^1].Header.NextOffset);
    }
}
