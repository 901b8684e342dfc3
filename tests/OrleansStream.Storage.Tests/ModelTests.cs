using OrleansStream.Protocol.Records;
using OrleansStream.Storage.Tests.Simulation;

namespace OrleansStream.Storage.Tests;

/// <summary>
/// Random histories of a log against a plain list. A crash keeps what was durable; what comes back must be everything
/// that was flushed and nothing that was never appended.
/// </summary>
public sealed class ModelTests
{
    [Fact]
    public void Log_BehavesLikeAList_UnderRandomHistories() =>
        RandomHistories.Check(disk => new Model(disk), histories: 80, shortest: 10, longest: 120);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public Task Log_BehavesLikeAList_UnderLongHistories(int seed) => RandomHistories.RunAsync(disk => new Model(disk), seed, steps: 700);

    private sealed class Model(SimulatedDisk disk) : ILogModel
    {
        private readonly List<(long Offset, byte[] Bytes)> _batches = [];
        private PartitionLog _log = null!;
        private long _start;
        private long _end;
        private int _epoch;
        private int _made;

        public async Task OpenAsync() => _log = await disk.OpenAsync();

        public async Task CloseAsync() => await _log.DisposeAsync();

        public async Task StepAsync(byte step)
        {
            var argument = step >> 4;
            switch (step & 15)
            {
                case <= 6:
                    await AppendAsync(argument);
                    break;
                case 7:
                    await _log.FlushAllAsync();
                    break;
                case 8:
                    await ReadSomewhereAsync(argument);
                    break;
                case 9:
                    await TruncateTailAsync(argument);
                    break;
                case 10:
                    await TruncateHeadAsync(argument);
                    break;
                case 11:
                    await ReopenAsync();
                    break;
                case 12:
                    await CrashAsync(loseWrites: argument % 2 == 0);
                    break;
                case 13:
                    disk.Time.Advance(TimeSpan.FromSeconds(5 * argument));
                    await disk.Environment.RunHousekeepingAsync();
                    break;
                case 14:
                    _epoch++;
                    break;
                default:
                    await VerifyAsync();
                    break;
            }
        }

        public async Task VerifyAsync()
        {
            _log.LogStartOffset.ShouldBe(_start);
            _log.LogEndOffset.ShouldBe(_end);
            var expected = _batches.Where(batch => Next(batch) > _start).ToList();
            (await _log.ReadAllAsync(_start, maxBytes: 20_000)).ShouldBeBytes(expected.SelectMany(batch => batch.Bytes).ToArray());

            var headers = expected.Select(batch => Batches.Split(batch.Bytes)[0].Header).ToList();
            _log.LatestEpoch.ShouldBeLessThanOrEqualTo(_epoch);
            foreach (var epoch in headers.Select(header => header.PartitionLeaderEpoch).Distinct())
            {
                var next = headers.FirstOrDefault(header => header.PartitionLeaderEpoch > epoch);
                _log.EndOffsetForEpoch(epoch).ShouldBe((epoch, next.RecordCount == 0 ? _end : next.BaseOffset));
            }

            foreach (var timestamp in new[] { 0L, 1_000 + (_made / 2 * 10), 1_000 + (_made * 10), long.MaxValue })
            {
                await VerifyTimestampAsync(timestamp);
            }

            if (headers.Count > 0 && _start == _batches[0].Offset)
            {
                _log.MaxTimestamp.Timestamp.ShouldBe(headers.Max(header => header.MaxTimestamp));
            }
        }

        private async Task VerifyTimestampAsync(long timestamp)
        {
            TimestampOffset? expected = null;
            using var reader = new RecordReader();
            foreach (var batch in _batches.Where(batch => Next(batch) > _start))
            {
                reader.Open(batch.Bytes);
                while (expected is null && reader.TryRead(out var record))
                {
                    if (record.TimestampMs >= timestamp && record.Offset >= _start)
                    {
                        expected = new TimestampOffset(record.Offset, record.TimestampMs, reader.Header.PartitionLeaderEpoch);
                    }
                }
            }

            (await _log.FindOffsetByTimestampAsync(timestamp, long.MaxValue, CancellationToken.None)).ShouldBe(expected);
        }

        private static long Next((long Offset, byte[] Bytes) batch) => Batches.Split(batch.Bytes)[0].Header.NextOffset;

        private async Task AppendAsync(int argument)
        {
            var valueBytes = argument == 15 ? 40_000 : 1 + (argument * 97);
            var batch = Batches.Make(_made, 1 + (argument % 4), valueBytes, timestamp: 1_000 + (_made * 10) - (argument * 3));
            _made++;
            await _log.WaitForRoomAsync(batch.Length, CancellationToken.None);
            _batches.Add((_end, _log.AppendNext(batch, _epoch)));
            _end = _log.LogEndOffset;
        }

        private async Task ReadSomewhereAsync(int argument)
        {
            var offset = _start + ((_end - _start) * argument / 16);
            var result = await _log.ReadAsync(offset, long.MaxValue, 5_000, true, CancellationToken.None);
            var expected = _batches.FirstOrDefault(batch => Next(batch) > offset).Bytes ?? [];
            result.Records.Span.StartsWith(expected).ShouldBeTrue($"read at {offset} of [{_start}, {_end})");
            result.Records.IsEmpty.ShouldBe(expected.Length == 0);
        }

        private async Task TruncateTailAsync(int argument)
        {
            var offset = Math.Max(0, _end - argument);
            await _log.TruncateTailAsync(offset, CancellationToken.None).AsTask().WaitAsync(LogFixture.TimeLimit);
            var gone = _batches.FindIndex(batch => Next(batch) > offset);
            if (offset < _start)
            {
                gone = 0;
            }

            if (gone >= 0 && offset < _end)
            {
                _end = offset < _start ? offset : Math.Min(offset, _batches[gone].Offset);
                _batches.RemoveRange(gone, _batches.Count - gone);
            }
            else
            {
                _end = Math.Min(_end, offset);
            }

            _start = Math.Min(_start, _end);
        }

        private async Task TruncateHeadAsync(int argument)
        {
            var offset = Math.Min(_end, _start + argument);
            if (argument == 15 && _made % 5 == 0)
            {
                offset = _end + 3;
            }

            await _log.TruncateHeadAsync(offset, CancellationToken.None).AsTask().WaitAsync(LogFixture.TimeLimit);
            _start = Math.Max(_start, offset);
            _end = Math.Max(_end, offset);
            _batches.RemoveAll(batch => Next(batch) <= _start);
        }

        private async Task ReopenAsync()
        {
            await _log.DisposeAsync();
            await OpenAsync();
            _log.WasCleanShutdown.ShouldBeTrue();
        }

        private async Task CrashAsync(bool loseWrites)
        {
            var flushed = _log.FlushedOffset;
            if (loseWrites)
            {
                // With the disk held there is no room for more than a buffer.
                await _log.FlushAllAsync();
                disk.Files.HoldWrites();
                await AppendAsync(3);
                await AppendAsync(7);
                flushed = _log.FlushedOffset;
            }

            var survivor = disk.Files.AfterPowerLoss();
            disk.Files.Fault = (_, _) => new IOException("The power is off.");
            disk.Files.ReleaseWrites();
            await _log.DisposeAsync();
            disk.Switch(survivor);
            await OpenAsync();

            // What was not flushed may be there or not; from then on what came back counts.
            _log.LogEndOffset.ShouldBeInRange(flushed, _end);
            _end = _log.LogEndOffset;
            _batches.RemoveAll(batch => batch.Offset >= _end);
            await VerifyAsync();
        }
    }
}
