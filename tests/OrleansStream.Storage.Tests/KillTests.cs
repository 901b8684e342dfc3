using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using OrleansStream.Storage.CrashWriter;

namespace OrleansStream.Storage.Tests;

/// <summary>
/// A process that writes is killed with SIGKILL at random moments, twenty times over the same logs. After each time
/// everything that it has reported as flushed must be there, in order and byte for byte.
/// </summary>
public sealed class KillTests
{
    private const int Rounds = 20;

    private readonly Dictionary<(int Partition, long Offset), int> _acknowledged = [];
    private readonly long[] _starts = new long[CrashRecords.Partitions];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EverythingAcknowledged_IsThere_AfterKillsAtRandomMoments()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        var directory = Directory.CreateTempSubdirectory("orleansstream-kill").FullName;
        try
        {
            for (var round = 0; round < Rounds; round++)
            {
                await WriteUntilKilledAsync(directory, random.Next(), acknowledgements: random.Next(1, 600));
                await VerifyAsync(directory, $"round {round} of seed {seed}");
            }

            _acknowledged.Count.ShouldBeGreaterThan(100);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private Task WriteUntilKilledAsync(string directory, int seed, int acknowledgements)
        => KilledWriter.RunAsync([directory, seed.ToString(CultureInfo.InvariantCulture)], Note, () => acknowledgements-- <= 0);

    private void Note(string line)
    {
        var parts = line.Split(' ');
        if (parts[0] == "start")
        {
            _starts[int.Parse(parts[1], CultureInfo.InvariantCulture)] = long.Parse(parts[2], CultureInfo.InvariantCulture);
        }
        else
        {
            _acknowledged[(int.Parse(parts[0], CultureInfo.InvariantCulture), long.Parse(parts[1], CultureInfo.InvariantCulture))] = int.Parse(parts[2], CultureInfo.InvariantCulture);
        }
    }

    private async Task VerifyAsync(string directory, string what)
    {
        await using var environment = new LogEnvironment(new LogEnvironmentOptions(), TimeProvider.System, NullLoggerFactory.Instance);
        for (var partition = 0; partition < CrashRecords.Partitions; partition++)
        {
            await using var log = await PartitionLog.OpenAsync(CrashRecords.Options(directory, partition, environment), Token);
            log.LogStartOffset.ShouldBeGreaterThanOrEqualTo(_starts[partition], what);
            var expected = _acknowledged.Where(pair => pair.Key.Partition == partition && pair.Key.Offset >= log.LogStartOffset).ToDictionary(pair => pair.Key.Offset, pair => pair.Value);
            var next = -1L;
            foreach (var batch in Batches.Split(await log.ReadAllAsync(log.LogStartOffset)))
            {
                next = next < 0 ? batch.Header.BaseOffset : next;
                batch.Header.BaseOffset.ShouldBe(next, $"{what}: a gap or an overlap in partition {partition}");
                next = batch.Header.NextOffset;
                if (expected.Remove(batch.Header.BaseOffset, out var number))
                {
                    batch.Memory.ToArray().ShouldBeBytes(Batches.Stamp(CrashRecords.Make(number), batch.Header.BaseOffset, 0), $"{what}: partition {partition} offset {batch.Header.BaseOffset}");
                }
            }

            expected.Keys.ShouldBeEmpty($"{what}: acknowledged batches of partition {partition} are missing");
        }
    }
}
