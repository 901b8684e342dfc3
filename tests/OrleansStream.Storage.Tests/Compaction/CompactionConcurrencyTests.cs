using System.Globalization;
using OrleansStream.Storage.Compaction;

namespace OrleansStream.Storage.Tests.Compaction;

/// <summary>Readers and an appender beside passes on real files: nobody is disturbed, and everybody sees each key's last value.</summary>
public sealed class CompactionConcurrencyTests
{
    private const int Keys = 50;
    private const int Appends = 1_500;

    [Fact]
    public async Task ReadersAndAppends_GoOn_WhileTheLogIsCompacted()
    {
        await using var fixture = new LogFixture();
        await using var log = await fixture.OpenAsync(KeyedRecords.Config);
        using var stop = new CancellationTokenSource();
        using var passed = new SemaphoreSlim(0);
        var passes = CompactUntilAsync(log, passed, stop.Token);
        var readers = Enumerable.Range(0, 3).Select(reader => Task.Run(() => ReadUntilAsync(log, maxBytes: 500 << (3 * reader), stop.Token))).ToArray();

        for (var i = 0; i < Appends; i++)
        {
            var batch = KeyedRecords.Make($"k{i % Keys}", i.ToString(CultureInfo.InvariantCulture), timestamp: i);
            await log.WaitForRoomAsync(batch.Length, CancellationToken.None);
            log.Append(batch, i, 0);
            if (i % 100 == 99)
            {
                // Each stretch of appends has a pass beside it or behind it.
                await log.FlushAllAsync();
                (await passed.WaitAsync(LogFixture.TimeLimit, TestContext.Current.CancellationToken)).ShouldBeTrue("no pass has ended");
            }
        }

        await log.FlushAllAsync();
        await stop.CancelAsync();
        (await passes.WaitAsync(LogFixture.TimeLimit, TestContext.Current.CancellationToken)).ShouldBeGreaterThanOrEqualTo(Appends / 100);
        foreach (var reader in readers)
        {
            (await reader.WaitAsync(LogFixture.TimeLimit, TestContext.Current.CancellationToken)).ShouldBeGreaterThan(0);
        }

        var last = KeyedRecords.Replay(await log.ReadRecordsAsync());
        last.ShouldBe(Enumerable.Range(Appends - Keys, Keys).ToDictionary(i => $"k{i % Keys}", i => i.ToString(CultureInfo.InvariantCulture)), ignoreOrder: true);
        log.OfflineReason.ShouldBeNull();
    }

    private static async Task<int> CompactUntilAsync(PartitionLog log, SemaphoreSlim passed, CancellationToken cancellationToken)
    {
        var memory = new CompactionMemory(1 << 20);
        var passes = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            var result = await log.CompactAsync(new CompactionRequest(log.FlushedOffset, 0, KeyedRecords.NoProducers), memory, CancellationToken.None);
            if (result.IsDone)
            {
                passes++;
                passed.Release();
            }

            await Task.Yield();
        }

        return passes;
    }

    /// <summary>Reads from the beginning to the end, again and again: offsets rise, and no key is missing that was complete before.</summary>
    private static async Task<int> ReadUntilAsync(PartitionLog log, int maxBytes, CancellationToken cancellationToken)
    {
        var rounds = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            var complete = log.FlushedOffset;
            var seen = new Dictionary<string, long>();
            var next = 0L;
            while (true)
            {
                // To the very end: what replaced a record can stand anywhere behind it.
                var read = await log.ReadAsync(next, long.MaxValue, maxBytes, minOneMessage: true, CancellationToken.None);
                read.Status.ShouldBe(LogReadStatus.Ok);
                if (read.Records.Length == 0)
                {
                    break;
                }

                foreach (var record in KeyedRecords.Parse(read.Records))
                {
                    record.Offset.ShouldBeGreaterThanOrEqualTo(next, "offsets rise");
                    record.Value.ShouldBe(record.Offset.ToString(CultureInfo.InvariantCulture));
                    seen[record.Key!] = record.Offset;
                    next = record.Offset + 1;
                }
            }

            for (var offset = Math.Max(0, complete - Keys); offset < complete; offset++)
            {
                seen[$"k{offset % Keys}"].ShouldBeGreaterThanOrEqualTo(offset, $"the key of offset {offset}");
            }

            rounds++;
        }

        return rounds;
    }
}
