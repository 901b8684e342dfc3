using OrleansStream.Protocol.Records;
using OrleansStream.Storage.Compaction;
using OrleansStream.Storage.Tests.Simulation;

namespace OrleansStream.Storage.Tests.Compaction;

/// <summary>
/// Random histories of a compacted log against a dictionary of the last value of each key. Power is lost at random operations of
/// the disk in the middle of passes and truncations; no key may be lost, none may come back.
/// </summary>
public sealed class CompactionModelTests
{
    [Fact]
    public void Log_HoldsTheLastValueOfEachKey_UnderRandomHistories() =>
        RandomHistories.Check(disk => new Model(disk), histories: 50, shortest: 20, longest: 200);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public Task Log_HoldsTheLastValueOfEachKey_UnderLongHistories(int seed) => RandomHistories.RunAsync(disk => new Model(disk), seed, steps: 1_000);

    private sealed class Model(SimulatedDisk disk) : ILogModel
    {
        private const int Keys = 12;
        private const long DeleteRetentionMs = 40;

        private static readonly LogConfig LogConfig = KeyedRecords.Config with
        {
            SegmentBytes = 700,
            Compaction = KeyedRecords.Config.Compaction! with { DeleteRetentionMs = DeleteRetentionMs },
        };

        private readonly List<KeyedRecord> _records = [];
        private readonly Dictionary<long, long> _lastOffsets = [];
        private readonly Dictionary<long, int> _batchEnds = [];
        private PartitionLog _log = null!;
        private long _start;
        private long _end;
        private long _compacted;
        private long _now = 1;
        private int _made;

        private static bool IsLeft(KeyedRecord record, long start, long end) => record.Offset >= start && record.Offset < end;

        public async Task OpenAsync() => _log = await disk.OpenAsync(LogConfig);

        public async Task CloseAsync() => await _log.DisposeAsync();

        public async Task StepAsync(byte step)
        {
            var argument = step >> 4;
            switch (step & 15)
            {
                case <= 7:
                    await AppendAsync(argument);
                    break;
                case 8 or 9:
                    await CompactAsync(argument);
                    await VerifyAsync();
                    break;
                case 10:
                    await CompactAndCrashAsync(operations: argument);
                    break;
                case 11:
                    await CompactAndCrashAsync(operations: 16 + (argument * 3));
                    break;
                case 12 when argument < 4:
                    await TruncateTailAsync(argument * argument * 3);
                    break;
                case 12:
                    await TruncateHeadAsync(argument);
                    break;
                case 13 when argument < 4:
                    await TruncateTailAndCrashAsync(argument);
                    break;
                case 13:
                    await _log.DisposeAsync();
                    await OpenAsync();
                    _log.WasCleanShutdown.ShouldBeTrue();
                    break;
                case 14:
                    await _log.FlushAllAsync();
                    disk.Time.Advance(TimeSpan.FromSeconds(argument));
                    await disk.Environment.RunHousekeepingAsync();
                    break;
                default:
                    await VerifyAsync();
                    break;
            }

            _now++;
        }

        public async Task VerifyAsync()
        {
            _log.LogStartOffset.ShouldBe(_start);
            _log.LogEndOffset.ShouldBe(_end);
            var expected = _records.Where(record => IsLeft(record, _start, _end)).ToList();
            var actual = await _log.ReadRecordsAsync(maxBytes: 2_000);
            actual.Select(record => record.Offset).ShouldBe(actual.Select(record => record.Offset).Order());
            actual.ShouldBeSubsetOf(expected);
            KeyedRecords.Replay(actual).ShouldBe(KeyedRecords.Replay(expected), ignoreOrder: true);
            await VerifyHeadersAsync();
            await VerifyTimestampsAsync(actual);
        }

        private async Task VerifyHeadersAsync()
        {
            var headers = await _log.ReadHeadersAsync();
            foreach (var header in headers)
            {
                _batchEnds[header.BaseOffset].ShouldBe(header.LastOffsetDelta, $"the batch at {header.BaseOffset}");
            }

            foreach (var (producer, offset) in _lastOffsets.Where(pair => pair.Value >= _start && pair.Value < _end))
            {
                headers.ShouldContain(header => header.ProducerId == producer && header.LastOffset == offset, $"the last batch of producer {producer}");
            }
        }

        private async Task VerifyTimestampsAsync(List<KeyedRecord> records)
        {
            foreach (var timestamp in new[] { 0L, _made * 5, _made * 9 })
            {
                var expected = records.Where(record => record.Timestamp >= timestamp).Select(record => (long?)record.Offset).FirstOrDefault();
                var found = await _log.FindOffsetByTimestampAsync(timestamp, long.MaxValue, CancellationToken.None);
                (found?.Offset ?? -1).ShouldBe(expected ?? -1, $"timestamp {timestamp}");
            }
        }

        private async Task AppendAsync(int argument)
        {
            var records = new List<(string?, string?)>();
            for (var i = 0; i <= argument % 4; i++)
            {
                var number = (_made * 7) + (i * argument);
                records.Add(($"k{number % Keys}", number % 5 == 0 ? null : new string('v', argument * 20) + _made));
            }

            ProducerSequence? producer = argument < 3 ? new ProducerSequence(argument, 0, _made) : null;
            var batch = KeyedRecords.Make(records, _made * 10, (CompressionType)(argument % 3 == 0 ? argument % 2 : 0), producer);
            await _log.WaitForRoomAsync(batch.Length, CancellationToken.None);
            var stamped = _log.AppendNext(batch);
            _records.AddRange(KeyedRecords.Parse(stamped));
            _batchEnds[_end] = records.Count - 1;
            _end = _log.LogEndOffset;
            _made++;
            if (producer is { } known)
            {
                _lastOffsets[known.ProducerId] = _end - 1;
            }
        }

        private async Task<CompactionResult> CompactAsync(int argument)
        {
            var flushed = _log.FlushAllAsync();
            await flushed;
            var limit = argument % 3 == 0 ? _end - argument : _end;
            var memory = new CompactionMemory(argument % 4 == 1 ? 24 * 6 : 1 << 20);
            var producers = _lastOffsets.ToDictionary(pair => pair.Key, pair => new ActiveProducer(pair.Value, 0));
            var result = await _log.CompactAsync(new CompactionRequest(limit, _now, producers), memory, CancellationToken.None).WaitAsync(LogFixture.TimeLimit);
            if (result.IsDone)
            {
                _compacted = Math.Max(_compacted, result.CleanedOffset);
                (await _log.ReadRecordsAsync()).Where(record => record.Offset < result.CleanedOffset)
                    .GroupBy(record => record.Key)
                    .ShouldAllBe(key => key.Count() == 1);
            }

            return result;
        }

        /// <summary>Loses power at an operation of the disk in the middle of a pass.</summary>
        private async Task CompactAndCrashAsync(int operations)
        {
            await _log.FlushAllAsync();
            _compacted = _end;
            await CrashDuringAsync(operations, () => CompactAsync(operations));
            await VerifyAsync();
        }

        private async Task TruncateTailAndCrashAsync(int argument)
        {
            await _log.FlushAllAsync();
            var before = (_start, _end);
            var offset = Math.Max(_start, _end - (argument * 8));
            await CrashDuringAsync(argument * 2, () => _log.TruncateTailAsync(offset, CancellationToken.None).AsTask());
            if (_log.LogEndOffset < before._end)
            {
                await NoteTruncationAsync(offset);
            }

            await VerifyAsync();
        }

        private async Task CrashDuringAsync(int operations, Func<Task> work)
        {
            SimulatedFileSystem? survivor = null;
            var left = operations;
            disk.Files.Fault = (_, _) =>
            {
                if (Interlocked.Decrement(ref left) >= 0)
                {
                    return null;
                }

                if (left == -1)
                {
                    survivor = disk.Files.AfterPowerLoss();
                }

                return new IOException("The power is off.");
            };
            try
            {
                await work();
            }
            catch (Exception exception) when (exception is IOException or ObjectDisposedException or OperationCanceledException)
            {
                // It may have come so far or not.
            }

            survivor ??= disk.Files.AfterPowerLoss();
            disk.Files.Fault = (_, _) => new IOException("The power is off.");
            await _log.DisposeAsync();
            disk.Switch(survivor);
            await OpenAsync();
        }

        private async Task TruncateTailAsync(int back)
        {
            var offset = Math.Max(0, _end - back);
            await _log.TruncateTailAsync(offset, CancellationToken.None).AsTask().WaitAsync(LogFixture.TimeLimit);
            await NoteTruncationAsync(offset);
            await VerifyAsync();
        }

        /// <summary>A batch that holds the offset goes as a whole; where batches are gone the end is anywhere between them.</summary>
        private async Task NoteTruncationAsync(long offset)
        {
            var end = _log.LogEndOffset;
            end.ShouldBeLessThanOrEqualTo(Math.Min(offset, _end));
            (offset - end).ShouldBeLessThanOrEqualTo(4);
            _end = end;
            _start = Math.Min(_start, _end);
            _records.RemoveAll(record => record.Offset >= _end);
            if (_end < _compacted)
            {
                // What had replaced older records is gone with the truncation, and they went before: no leader does that to
                // committed records. From here on what is there counts.
                var left = await _log.ReadRecordsAsync();
                left.ShouldBeSubsetOf(_records);
                _records.Clear();
                _records.AddRange(left);
                _compacted = _end;
            }

            foreach (var producer in _lastOffsets.Where(pair => pair.Value >= _end).Select(pair => pair.Key).ToList())
            {
                _lastOffsets.Remove(producer);
            }
        }

        private async Task TruncateHeadAsync(int argument)
        {
            var offset = argument == 15 ? _end + 2 : Math.Min(_end, _start + argument);
            await _log.TruncateHeadAsync(offset, CancellationToken.None).AsTask().WaitAsync(LogFixture.TimeLimit);
            _start = Math.Max(_start, offset);
            _end = Math.Max(_end, offset);
            _records.RemoveAll(record => record.Offset < _start);
            await VerifyAsync();
        }
    }
}
