using OrleansStream.Protocol.Records;
using OrleansStream.Storage.Compaction;

namespace OrleansStream.Storage.Tests.Compaction;

/// <summary>What compaction keeps, and what it leaves of a log's other properties.</summary>
public sealed class CompactionTests : IAsyncDisposable
{
    private readonly LogFixture _fixture = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Compact_KeepsTheLastRecordOfEachKeyAtItsOffset_WhenKeysRepeat()
    {
        await using var log = await _fixture.OpenAsync(KeyedRecords.Config);
        for (var i = 0; i < 30; i++)
        {
            log.AppendNext(KeyedRecords.Make([($"a{i % 3}", $"{i}"), ($"b{i}", $"{i}")], timestamp: 1_000 + (10 * i)));
        }

        await log.FlushAllAsync();
        var before = await log.ReadRecordsAsync();

        var result = await log.CompactAllAsync();

        result.IsDone.ShouldBeTrue();
        var after = await log.ReadRecordsAsync();
        after.Where(record => record.Key!.StartsWith('b')).Count().ShouldBe(30);
        after.Where(record => record.Offset < result.CleanedOffset).GroupBy(record => record.Key).ShouldAllBe(key => key.Count() == 1);
        after.ShouldBeSubsetOf(before);
        KeyedRecords.Replay(after).ShouldBe(KeyedRecords.Replay(before), ignoreOrder: true);
        log.LogEndOffset.ShouldBe(60);
        log.LogStartOffset.ShouldBe(0);
    }

    [Theory]
    [InlineData(CompressionType.None)]
    [InlineData(CompressionType.Gzip)]
    [InlineData(CompressionType.Snappy)]
    public async Task Compact_KeepsBatchHeaders_WhenRecordsOfABatchGo(CompressionType compression)
    {
        await using var log = await _fixture.OpenAsync(KeyedRecords.Config);
        var producer = new ProducerSequence(7, 2, 40);
        log.Append(KeyedRecords.Make([("a", "1"), ("b", "1"), ("c", "1")], 5_000, compression, producer), 0, leaderEpoch: 4);
        log.Append(KeyedRecords.Make([("a", "2"), ("c", "2")], 6_000, compression), 3, leaderEpoch: 5);
        log.Append(KeyedRecords.Make("z", "z"), 5, leaderEpoch: 5);
        await log.FlushAllAsync();

        await log.CompactAllAsync();

        var header = (await log.ReadHeadersAsync())[0];
        header.BaseOffset.ShouldBe(0);
        header.LastOffsetDelta.ShouldBe(2);
        header.RecordCount.ShouldBe(1);
        header.PartitionLeaderEpoch.ShouldBe(4);
        header.Producer.ShouldBe(producer);
        header.CompressionType.ShouldBe(compression);
        header.MaxTimestamp.ShouldBe(5_001);
        (await log.ReadRecordsAsync())[0].ShouldBe(new KeyedRecord(1, "b", "1", 5_001));
    }

    [Fact]
    public async Task Compact_KeepsTombstones_UntilTheirHorizon()
    {
        await using var log = await _fixture.OpenAsync(KeyedRecords.Config);
        log.AppendNext(KeyedRecords.Make("a", "1"));
        log.AppendNext(KeyedRecords.Make("a", null, timestamp: 2_000));
        log.AppendNext(KeyedRecords.Make("b", "1"));
        log.AppendNext(KeyedRecords.Make("z", "1"));
        await log.FlushAllAsync();

        await log.CompactAllAsync(nowMs: 10_000);

        (await log.ReadRecordsAsync())[0].ShouldBe(new KeyedRecord(1, "a", null, 2_000));
        var header = (await log.ReadHeadersAsync())[0];
        header.HasDeleteHorizon.ShouldBeTrue();
        header.BaseTimestamp.ShouldBe(11_000);
        header.MaxTimestamp.ShouldBe(2_000);

        log.AppendNext(KeyedRecords.Make("z", "2"));
        await log.FlushAllAsync();
        await log.CompactAllAsync(nowMs: 10_999);
        (await log.ReadRecordsAsync()).ShouldContain(record => record.Key == "a", "the horizon has not passed");

        log.AppendNext(KeyedRecords.Make("z", "3"));
        await log.FlushAllAsync();
        await log.CompactAllAsync(nowMs: 11_000);
        (await log.ReadRecordsAsync()).ShouldNotContain(record => record.Key == "a");
    }

    [Fact]
    public async Task Compact_KeepsTheLastBatchOfAProducerWithoutRecords_WhileItIsRemembered()
    {
        await using var log = await _fixture.OpenAsync(KeyedRecords.Config);
        log.AppendNext(KeyedRecords.Make([("a", "1"), ("b", "1")], 3_000, CompressionType.Gzip, new ProducerSequence(9, 0, 5)));
        log.AppendNext(KeyedRecords.Make([("a", "2"), ("b", "2")]));
        log.AppendNext(KeyedRecords.Make("z", "1"));
        await log.FlushAllAsync();
        var remembered = new Dictionary<long, ActiveProducer> { [9] = new(1, 0) };

        await log.CompactAllAsync(producers: remembered);

        var header = (await log.ReadHeadersAsync())[0];
        (header.BaseOffset, header.LastOffset, header.RecordCount).ShouldBe((0, 1, 0));
        header.Producer.ShouldBe(new ProducerSequence(9, 0, 5));
        header.MaxTimestamp.ShouldBe(3_001);

        log.AppendNext(KeyedRecords.Make("z", "2"));
        await log.FlushAllAsync();
        await log.CompactAllAsync();
        (await log.ReadHeadersAsync())[0].BaseOffset.ShouldBe(2, "nobody remembers the producer any more");
    }

    [Fact]
    public async Task Compact_DropsAbortedRecordsAtOnceAndMarkersLater_WhenTransactionsEnd()
    {
        await using var log = await _fixture.OpenAsync(KeyedRecords.Config);
        log.AppendNext(KeyedRecords.Make("a", "1"));
        log.AppendNext(KeyedRecords.Make([("a", "aborted"), ("x", "aborted")], producer: new ProducerSequence(1, 0, 0), isTransactional: true));
        log.AppendNext(KeyedRecords.Make([("b", "committed")], producer: new ProducerSequence(2, 0, 0), isTransactional: true));
        AppendMarker(log, ControlRecordType.Abort, 1);
        AppendMarker(log, ControlRecordType.Commit, 2);
        log.AppendNext(KeyedRecords.Make("z", "1"));
        await log.FlushAllAsync();

        await log.CompactAllAsync(nowMs: 1);
        (await DataAsync(log)).ShouldBe(["a=1", "b=committed", "z=1"]);
        (await log.ReadHeadersAsync()).Count(header => header.IsControl).ShouldBe(2, "batches of the transactions were met in this pass");

        log.AppendNext(KeyedRecords.Make("b", "later"));
        log.AppendNext(KeyedRecords.Make("z", "2"));
        await log.FlushAllAsync();
        await log.CompactAllAsync(nowMs: 2);
        (await log.ReadHeadersAsync()).Where(header => header.IsControl).Select(header => (header.ProducerId, header.HasDeleteHorizon)).ShouldBe([(1, true), (2, false)]);

        log.AppendNext(KeyedRecords.Make("z", "3"));
        await log.FlushAllAsync();
        await log.CompactAllAsync(nowMs: 1_002);
        (await log.ReadHeadersAsync()).Where(header => header.IsControl).Select(header => (header.ProducerId, header.HasDeleteHorizon)).ShouldBe([(2, true)]);
        (await DataAsync(log)).ShouldBe(["a=1", "b=later", "z=2", "z=3"]);
    }

    [Fact]
    public async Task Compact_TakesSeveralPasses_WhenTheKeysDoNotFitIntoTheMap()
    {
        await using var log = await _fixture.OpenAsync(KeyedRecords.Config);
        for (var i = 0; i < 400; i++)
        {
            log.AppendNext(KeyedRecords.Make($"k{i % 200}", $"{i}"));
        }

        await log.FlushAllAsync();
        var expected = KeyedRecords.Replay(await log.ReadRecordsAsync());
        var passes = 0;
        var cleaned = 0L;
        while (await log.CompactAllAsync(dedupeBytes: 24 * 60) is { IsDone: true } result)
        {
            result.CleanedOffset.ShouldBeGreaterThan(cleaned);
            cleaned = result.CleanedOffset;
            passes++;
        }

        passes.ShouldBeGreaterThan(5);
        var records = await log.ReadRecordsAsync();
        records.Count.ShouldBeLessThanOrEqualTo(201);
        KeyedRecords.Replay(records).ShouldBe(expected, ignoreOrder: true);
    }

    [Fact]
    public async Task Read_ReturnsTheNextBatchThatExists_WhenTheOffsetWasRemoved()
    {
        await using var log = await _fixture.OpenAsync(KeyedRecords.Config);
        for (var i = 0; i < 10; i++)
        {
            log.AppendNext(KeyedRecords.Make("a", $"{i}"));
        }

        log.AppendNext(KeyedRecords.Make("z", "z"));
        await log.FlushAllAsync();
        await log.CompactAllAsync();

        var read = await log.ReadAsync(3, long.MaxValue, 1, minOneMessage: true, CancellationToken.None);

        Batches.Split(read.Records)[0].Header.BaseOffset.ShouldBe(9);
        (await log.ReadAsync(10, long.MaxValue, 1, minOneMessage: true, CancellationToken.None)).Records.Length.ShouldBeGreaterThan(0);
        (await log.ReadAsync(11, long.MaxValue, 1, minOneMessage: true, CancellationToken.None)).Records.Length.ShouldBe(0);
    }

    [Fact]
    public async Task Compact_LeavesTheRecordsAlone_AboveTheLimitAndWithinTheLagAndInTheActiveSegment()
    {
        var config = KeyedRecords.Config with { Compaction = KeyedRecords.Config.Compaction! with { MinCompactionLagMs = 100 } };
        await using var log = await _fixture.OpenAsync(config);
        for (var i = 0; i < 10; i++)
        {
            log.AppendNext(KeyedRecords.Make("a", $"{i}", timestamp: 1_000 + i));
        }

        await log.FlushAllAsync();
        var memory = new CompactionMemory(1 << 20);

        (await log.CompactAsync(new CompactionRequest(10, 1_099, KeyedRecords.NoProducers), memory, CancellationToken.None)).IsDone.ShouldBeFalse();
        await log.CompactAsync(new CompactionRequest(10, 1_103, KeyedRecords.NoProducers), memory, CancellationToken.None);
        (await log.ReadRecordsAsync())[0].Offset.ShouldBe(3, "records from offset 4 on are younger than the lag");
        await log.CompactAsync(new CompactionRequest(6, 9_999, KeyedRecords.NoProducers), memory, CancellationToken.None);
        (await log.ReadRecordsAsync())[0].Offset.ShouldBe(5, "the limit is 6");
        await log.CompactAsync(new CompactionRequest(10, 9_999, KeyedRecords.NoProducers), memory, CancellationToken.None);
        (await log.ReadRecordsAsync()).Select(record => record.Offset).ShouldBe([8, 9], "the last segment is active");

        _fixture.Time.Advance(TimeSpan.FromMilliseconds(config.SegmentMs));
        await log.CompactAsync(new CompactionRequest(10, 9_999, KeyedRecords.NoProducers), memory, CancellationToken.None);
        (await log.ReadRecordsAsync()).Select(record => record.Offset).ShouldBe([9], "segment.ms has passed");
    }

    [Fact]
    public async Task Describe_SaysWhetherAPassIsDue_ByRatioAndByAge()
    {
        var config = KeyedRecords.Config with { Compaction = new CompactionConfig(0.5, 1_000, 0, 50_000) };
        await using var log = await _fixture.OpenAsync(config);
        (await log.DescribeCompactionAsync(0, 0, CancellationToken.None)).ShouldBe(new CompactionStatus(0, 0, false));
        for (var i = 0; i < 20; i++)
        {
            log.AppendNext(KeyedRecords.Make($"k{i}", $"{i}", timestamp: 1_000));
        }

        await log.FlushAllAsync();
        (await log.DescribeCompactionAsync(20, 1_000, CancellationToken.None)).IsDue.ShouldBeTrue("everything is dirty");
        await log.CompactAllAsync();
        log.AppendNext(KeyedRecords.Make("k20", "20", timestamp: 2_000));
        log.AppendNext(KeyedRecords.Make("k21", "21", timestamp: 2_000));
        await log.FlushAllAsync();

        var status = await log.DescribeCompactionAsync(log.LogEndOffset, 51_000, CancellationToken.None);
        status.IsDue.ShouldBeFalse();
        status.DirtyRatio.ShouldBeInRange(0.01, 0.3);
        (await log.DescribeCompactionAsync(log.LogEndOffset, 52_001, CancellationToken.None)).IsDue.ShouldBeTrue("max.compaction.lag.ms has passed");
    }

    [Fact]
    public async Task IndexesEpochsAndTimestamps_AreRight_AfterCompactionAndReopening()
    {
        var log = await _fixture.OpenAsync(KeyedRecords.Config);
        log.Append(KeyedRecords.Make("top", "1", timestamp: 9_000), 0, leaderEpoch: 1);
        log.Append(KeyedRecords.Make("a", "1", timestamp: 2_000), 1, leaderEpoch: 2);
        log.Append(KeyedRecords.Make("a", "2", timestamp: 3_000), 2, leaderEpoch: 3);
        log.Append(KeyedRecords.Make("top", "2", timestamp: 4_000), 3, leaderEpoch: 5);
        log.Append(KeyedRecords.Make("z", "1", timestamp: 3_500), 4, leaderEpoch: 5);
        await log.FlushAllAsync();
        await log.CompactAllAsync();

        for (var round = 0; round < 3; round++)
        {
            log.MaxTimestamp.ShouldBe((4_000, 3), $"round {round}");
            log.EndOffsetForEpoch(1).ShouldBe((1, 1));
            log.EndOffsetForEpoch(2).ShouldBe((2, 2), "the epoch's only record is gone, the epoch is not");
            log.EndOffsetForEpoch(4).ShouldBe((3, 3));
            log.LatestEpoch.ShouldBe(5);
            (await log.FindOffsetByTimestampAsync(0, long.MaxValue, CancellationToken.None)).ShouldBe(new TimestampOffset(2, 3_000, 3));
            (await log.FindOffsetByTimestampAsync(3_001, long.MaxValue, CancellationToken.None)).ShouldBe(new TimestampOffset(3, 4_000, 5));
            (await log.FindOffsetByTimestampAsync(4_001, long.MaxValue, CancellationToken.None)).ShouldBeNull();
            await log.DisposeAsync();
            if (round == 1)
            {
                File.Delete(Path.Combine(_fixture.Directory, "checkpoint"));
                foreach (var index in Directory.GetFiles(_fixture.Directory, "*.index"))
                {
                    File.Delete(index);
                }
            }

            log = await _fixture.OpenAsync(KeyedRecords.Config);
        }

        await log.DisposeAsync();
    }

    [Fact]
    public async Task Retention_DropsCompactedRecords_WhenTheirTimeIsOver()
    {
        var config = KeyedRecords.Config with { RetentionMs = 1_000 };
        await using var log = await _fixture.OpenAsync(config);
        for (var i = 0; i < 10; i++)
        {
            log.AppendNext(KeyedRecords.Make($"k{i}", "old", timestamp: 1_000));
        }

        log.AppendNext(KeyedRecords.Make("new", "new", timestamp: 5_000));
        await log.FlushAllAsync();
        await log.CompactAllAsync();

        (await log.ApplyRetentionAsync(5_500, log.LogEndOffset, CancellationToken.None)).ShouldBe(10);

        (await log.ReadRecordsAsync()).Select(record => record.Key).ShouldBe(["new"]);
        Directory.GetFiles(_fixture.Directory, "00000001-*").ShouldBeEmpty("the files of the compacted part are free");
    }

    [Fact]
    public async Task Open_IsOffline_WhenTheManifestIsDamagedOrAFileIsMissing()
    {
        var log = await _fixture.OpenAsync(KeyedRecords.Config);
        for (var i = 0; i < 10; i++)
        {
            log.AppendNext(KeyedRecords.Make($"k{i}", "v"));
        }

        await log.FlushAllAsync();
        await log.CompactAllAsync();
        await log.DisposeAsync();
        var manifest = Path.Combine(_fixture.Directory, "compacted");
        var content = await File.ReadAllBytesAsync(manifest, TestContext.Current.CancellationToken);
        content[20] ^= 1;
        await File.WriteAllBytesAsync(manifest, content, TestContext.Current.CancellationToken);
        (await Should.ThrowAsync<LogOfflineException>(() => _fixture.OpenAsync(KeyedRecords.Config))).Message.ShouldContain("compacted is damaged");

        content[20] ^= 1;
        await File.WriteAllBytesAsync(manifest, content, TestContext.Current.CancellationToken);
        var file = Directory.GetFiles(_fixture.Directory, "00000001-*.log").Single();
        File.Move(file, file + ".away");
        (await Should.ThrowAsync<LogOfflineException>(() => _fixture.OpenAsync(KeyedRecords.Config))).Message.ShouldContain(Path.GetFileName(file));

        File.Move(file + ".away", file);
        await using var reopened = await _fixture.OpenAsync(KeyedRecords.Config);
        (await reopened.ReadRecordsAsync()).Count.ShouldBe(10);
    }

    private static void AppendMarker(PartitionLog log, ControlRecordType type, long producerId)
    {
        using var marker = new EndTransactionMarker(type, 0).ToBatch(1_000, producerId, 0);
        log.AppendNext(marker.Memory.ToArray());
    }

    private static async Task<List<string>> DataAsync(PartitionLog log)
    {
        var data = new List<string>();
        foreach (var batch in Batches.Split(await log.ReadAllAsync(0)).Where(batch => !batch.Header.IsControl))
        {
            data.AddRange(KeyedRecords.Parse(batch.Memory).Select(record => $"{record.Key}={record.Value}"));
        }

        return data;
    }
}
