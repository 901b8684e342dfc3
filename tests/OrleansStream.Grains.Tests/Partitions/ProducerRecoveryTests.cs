using OrleansStream.Core.Producers;
using OrleansStream.Grains.Partitions;
using OrleansStream.Grains.Tests.Doubles;

namespace OrleansStream.Grains.Tests.Partitions;

public sealed class ProducerRecoveryTests : IDisposable
{
    private static readonly TopicPartition Partition = new("orders", 0);

    private readonly FakePartitionLog _log = new(Partition);
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("ostream-producers-");
    private readonly ProducerSnapshotFile _file;

    public ProducerRecoveryTests() => _file = new ProducerSnapshotFile(_directory.FullName);

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task ReplayAsync_KnowsEveryBatch_WhenThereIsNoSnapshot()
    {
        Append(producerId: 1, batches: 3);

        var table = await RecoverAsync();

        table.EndOffset.ShouldBe(6);
        table.Check(new ProducerBatch(1, 0, 4, 1, 0)).ShouldBe(ProducerVerdict.Duplicate(4, 6, 1_700_000_000_001));
    }

    [Fact]
    public async Task ReplayAsync_ReadsOnlyWhatCameAfterTheSnapshot()
    {
        Append(producerId: 1, batches: 2);
        await SaveAsync();
        Append(producerId: 2, batches: 1);
        await _log.TruncateHeadAsync(4, TestContext.Current.CancellationToken);

        var table = await RecoverAsync();

        table.Count.ShouldBe(2, "the first producer's records are gone, its state is not");
        table.EndOffset.ShouldBe(6);
    }

    [Fact]
    public async Task ReplayAsync_BeginsAtTheLogStart_WhenItLiesInsideABatch()
    {
        Append(producerId: 1, batches: 3);
        await _log.TruncateHeadAsync(3, TestContext.Current.CancellationToken);

        (await RecoverAsync()).Check(new ProducerBatch(1, 0, 6, 1, 0)).Kind.ShouldBe(ProducerVerdictKind.Append);
    }

    [Fact]
    public async Task ReadAsync_LeavesTheTableEmpty_WhenTheSnapshotSpeaksForMoreThanTheLog()
    {
        Append(producerId: 1, batches: 2);
        await SaveAsync();
        await _log.TruncateTailAsync(2, TestContext.Current.CancellationToken);
        var table = new ProducerStateTable(Partition);

        var problem = await _file.ReadAsync(table, _log, TestContext.Current.CancellationToken);

        problem.ShouldNotBeNull().ShouldContain("up to 4, which ends at 2");
        (table.Count, table.EndOffset).ShouldBe((0, 0));
    }

    [Fact]
    public async Task RebuildAsync_KnowsNothingOfWhatWasCut_WhenTheLogHasGrownBeyondTheSnapshotAgain()
    {
        Append(producerId: 1, batches: 2);
        await SaveAsync();
        await _log.TruncateTailAsync(2, TestContext.Current.CancellationToken);
        Append(producerId: 2, batches: 2, leaderEpoch: 1);
        var table = new ProducerStateTable(Partition);

        var problem = await ProducerRecovery.RebuildAsync(_log, table, _file, 0, TestContext.Current.CancellationToken);

        problem.ShouldNotBeNull().ShouldContain("other records");
        table.Check(new ProducerBatch(1, 0, 2, 1, 0)).Kind.ShouldBe(ProducerVerdictKind.Append, "its second batch was cut off; to take it for a duplicate would lose it");
        table.EndOffset.ShouldBe(6);
    }

    [Fact]
    public async Task RebuildAsync_TakesTheSnapshot_WhenTheLogWasCutBehindIt()
    {
        Append(producerId: 1, batches: 2);
        await SaveAsync();
        Append(producerId: 2, batches: 1);
        await _log.TruncateTailAsync(4, TestContext.Current.CancellationToken);
        Append(producerId: 3, batches: 1, leaderEpoch: 7);
        await _log.TruncateHeadAsync(4, TestContext.Current.CancellationToken);
        var table = new ProducerStateTable(Partition);

        (await ProducerRecovery.RebuildAsync(_log, table, _file, 0, TestContext.Current.CancellationToken)).ShouldBeNull();

        table.Describe().Select(producer => producer.ProducerId).ShouldBe([1, 3]);
    }

    private async Task SaveAsync()
        => await _file.WriteAsync(ProducerSnapshotFile.Encode(await RecoverAsync(), _log.LatestEpoch), TestContext.Current.CancellationToken);

    private void Append(long producerId, int batches, int leaderEpoch = 0)
    {
        for (var i = 0; i < batches; i++)
        {
            _log.Append(Batches.Of(2, producerId: producerId, sequence: i * 2), _log.LogEndOffset, leaderEpoch);
        }
    }

    private async Task<ProducerStateTable> RecoverAsync()
    {
        var table = new ProducerStateTable(Partition);
        (await ProducerRecovery.RebuildAsync(_log, table, _file, 0, TestContext.Current.CancellationToken)).ShouldBeNull();
        return table;
    }
}
