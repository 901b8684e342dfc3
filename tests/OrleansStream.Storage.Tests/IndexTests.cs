using OrleansStream.Storage.Files;
using OrleansStream.Storage.Indexes;

namespace OrleansStream.Storage.Tests;

public sealed class IndexTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void SparseIndex_AgreesWithAFullList_AfterCutsAtBothEnds()
    {
        var geometry = new LogGeometry(4096, 1 << 20);
        var random = new Random(5);
        var index = new SparseIndex(geometry);
        var batches = new List<(long Offset, long Address, long Timestamp)>();
        long offset = 0, address = 64;
        for (var i = 0; i < 5_000; i++)
        {
            batches.Add((offset, address, random.Next(10_000)));
            index.Append(batches[^1].Offset, batches[^1].Address, batches[^1].Timestamp, intervalBytes: 4096);
            offset += random.Next(1, 20);
            address += random.Next(100, 9_000) & ~3;
            if (i % 1_000 == 700)
            {
                // The log cuts where a segment starts, which is where a block starts.
                var cut = index[index.Count / 3].Address;
                index.CutHead(cut);
                batches.RemoveAll(batch => batch.Address < cut);
            }

            if (i % 1_000 == 900)
            {
                var cut = batches[batches.Count * 9 / 10].Address;
                index.CutTail(cut);
                batches.RemoveAll(batch => batch.Address >= cut);
                (offset, address) = (batches[^1].Offset + 30, address + 100);
            }

            if (i % 250 == 0)
            {
                Verify(index, geometry, batches, random);
            }
        }

        Verify(index, geometry, batches, random);

        // The stated bound: an entry per 32 KiB and one per segment.
        var span = batches[^1].Address - batches[0].Address;
        index.Count.ShouldBeLessThanOrEqualTo((int)(span / SparseIndex.MinIntervalBytes) + (int)(span >> 20) + 2);
    }

    [Fact]
    public async Task FindOffsetByTimestamp_GivesTheFirstRecordAtOrAfter()
    {
        await using var fixture = new LogFixture();
        await using var log = await fixture.OpenAsync();
        var timestamps = new List<long>();
        var random = new Random(3);
        for (var i = 0; i < 300; i++)
        {
            // Not in order, as producers send them.
            var timestamp = 10_000 + (i * 10) + random.Next(-500, 500);
            var compression = (CompressionType)(i % 3);
            log.AppendNext(Batches.Make(i, records: 3, valueBytes: 700, timestamp: timestamp, compression: compression));
            timestamps.AddRange([timestamp, timestamp + 1, timestamp + 2]);
        }

        await log.FlushAllAsync();
        foreach (var wanted in Enumerable.Range(0, 120).Select(i => 9_000L + (i * 40)))
        {
            var expected = timestamps.FindIndex(timestamp => timestamp >= wanted);
            var found = await log.FindOffsetByTimestampAsync(wanted, long.MaxValue, Token);
            found?.Offset.ShouldBe(expected);
            (found is null).ShouldBe(expected < 0);
            found?.Timestamp.ShouldBe(timestamps[expected]);
        }

        (await log.FindOffsetByTimestampAsync(10_000, 0, Token)).ShouldBeNull();
        (await log.FindOffsetByTimestampAsync(long.MaxValue, long.MaxValue, Token)).ShouldBeNull();
        log.MaxTimestamp.Timestamp.ShouldBe(timestamps.Max());
    }

    [Fact]
    public async Task EndOffsetForEpoch_AnswersAsKip101Says()
    {
        await using var fixture = new LogFixture();
        await using var log = await fixture.OpenAsync();
        log.EndOffsetForEpoch(5).ShouldBe((-1, -1L));
        log.AppendNext(Batches.Make(1, records: 10), leaderEpoch: 2);
        log.AppendNext(Batches.Make(2, records: 10), leaderEpoch: 2);
        log.AppendNext(Batches.Make(3, records: 5), leaderEpoch: 4);

        log.EndOffsetForEpoch(1).ShouldBe((-1, -1L));
        log.EndOffsetForEpoch(2).ShouldBe((2, 20L));
        log.EndOffsetForEpoch(3).ShouldBe((2, 20L));
        log.EndOffsetForEpoch(4).ShouldBe((4, 25L));
        log.EndOffsetForEpoch(9).ShouldBe((4, 25L));
        await log.TruncateHeadAsync(22, Token);
        log.EndOffsetForEpoch(2).ShouldBe((-1, -1L));
        log.EndOffsetForEpoch(4).ShouldBe((4, 25L));
        await log.TruncateTailAsync(20, Token);
        log.LatestEpoch.ShouldBe(-1);
    }

    private static void Verify(SparseIndex index, LogGeometry geometry, List<(long Offset, long Address, long Timestamp)> batches, Random random)
    {
        for (var i = 0; i < 50; i++)
        {
            var batch = batches[random.Next(batches.Count)];
            var entry = index[index.FloorByOffset(batch.Offset)];
            entry.Offset.ShouldBeLessThanOrEqualTo(batch.Offset);
            batches.ShouldContain((entry.Offset, entry.Address, batches.Find(known => known.Address == entry.Address).Timestamp));
            (batch.Address - entry.Address).ShouldBeLessThan(SparseIndex.MinIntervalBytes);

            var wanted = random.Next(10_500);
            var first = batches.FindIndex(known => known.Timestamp >= wanted);
            var block = index.FindByTimestamp(wanted, 0);
            if (first >= 0)
            {
                index[block].Offset.ShouldBeLessThanOrEqualTo(batches[first].Offset);
            }

            var segment = geometry.SegmentOf(batch.Address);
            index.MaxTimestampOf(segment).ShouldBeGreaterThanOrEqualTo(
                batches.Where(known => geometry.SegmentOf(known.Address) == segment).Max(known => known.Timestamp));
        }
    }
}
