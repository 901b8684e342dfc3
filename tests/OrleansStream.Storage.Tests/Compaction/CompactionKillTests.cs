using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansStream.Storage.CrashWriter;

namespace OrleansStream.Storage.Tests.Compaction;

/// <summary>
/// A process that writes and compacts the same log all the time is killed with SIGKILL at random moments. After each time no
/// key may be lost, none that was deleted may be back.
/// </summary>
public sealed class CompactionKillTests
{
    private const int Rounds = 8;

    // What was reported as flushed: of each key the last offset and value.
    private readonly Dictionary<string, (long Offset, string? Value)> _acknowledged = [];
    private long _end;
    private int _passes;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task NoKeyIsLostOrComesBack_AfterKillsDuringCompaction()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var directory = Directory.CreateTempSubdirectory("orleansstream-compaction-kill").FullName;
        try
        {
            for (var round = 0; round < Rounds; round++)
            {
                await WriteUntilKilledAsync(directory, random.Next(), passes: random.Next(1, 12), lines: random.Next(0, 60));
                await VerifyAsync(directory, $"round {round} of seed {seed}");
            }

            _passes.ShouldBeGreaterThan(Rounds);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>Some passes, and then a little more, so that the kill comes somewhere in the next one.</summary>
    private Task WriteUntilKilledAsync(string directory, int seed, int passes, int lines)
    {
        passes += _passes;
        return KilledWriter.RunAsync(
            [directory, seed.ToString(CultureInfo.InvariantCulture), "compact"], Note, () => _passes >= passes && lines-- <= 0);
    }

    private void Note(string line)
    {
        var parts = line.Split(' ');
        if (parts[0] == "pass")
        {
            _passes++;
            return;
        }

        var offset = long.Parse(parts[1], CultureInfo.InvariantCulture);
        _acknowledged[parts[0]] = (offset, parts[2] == "-" ? null : parts[2]);
        _end = offset + 1;
    }

    private async Task VerifyAsync(string directory, string what)
    {
        await using var environment = new LogEnvironment(new LogEnvironmentOptions(), TimeProvider.System, NullLoggerFactory.Instance);
        await using var log = await PartitionLog.OpenAsync(CompactingWriter.Options(directory, environment), Token);
        log.LogEndOffset.ShouldBeGreaterThanOrEqualTo(_end, what);
        var found = new Dictionary<string, (long Offset, string? Value)>();
        using var reader = new Protocol.Records.RecordReader();
        foreach (var batch in Batches.Split(await log.ReadAllAsync(log.LogStartOffset)))
        {
            reader.Open(batch.Memory);
            while (reader.TryRead(out var record))
            {
                var value = record.Value.HasValue ? Encoding.ASCII.GetString(record.Value.Span) : null;
                found[Encoding.ASCII.GetString(record.Key.Span)] = (record.Offset, value);
            }
        }

        foreach (var (key, last) in _acknowledged)
        {
            if (!found.TryGetValue(key, out var actual))
            {
                last.Value.ShouldBeNull($"{what}: key {key} is lost; its value is at offset {last.Offset}");
                continue;
            }

            // What was written just before the kill may be there without having been reported.
            if (actual.Offset < _end)
            {
                actual.ShouldBe(last, $"{what}: key {key}");
            }
        }

        // From here on it counts.
        foreach (var (key, record) in found)
        {
            _acknowledged[key] = record;
        }

        _end = log.LogEndOffset;
    }
}
