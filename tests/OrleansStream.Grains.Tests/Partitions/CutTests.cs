using OrleansStream.Abstractions;
using OrleansStream.Core.Producers;
using OrleansStream.Core.Replicas;
using OrleansStream.Grains.Partitions;
using OrleansStream.Grains.Tests.Doubles;

namespace OrleansStream.Grains.Tests.Partitions;

/// <summary>A follower whose log is cut.</summary>
public sealed class CutTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("ostream-cut-");
    private readonly ProducerSnapshotFile _file;
    private readonly ReplicaHarness _harness;

    public CutTests()
    {
        _file = new ProducerSnapshotFile(_directory.FullName);
        _harness = new ReplicaHarness(_file);
    }

    public void Dispose() => _directory.Delete(recursive: true);

    [Fact]
    public async Task OnFetchedAsync_ForgetsTheProducersOfWhatItCuts_AlsoForTheNextLife()
    {
        await LeadThenFollowAsync(saves: true);

        await FetchedAsync(new ReplicaFetchPartitionResponse(ErrorCode.None, 5, 1, 0, 0, default));
        await FetchedAsync(Copy(producerId: 8, sequence: 0, baseOffset: 1));
        await FetchedAsync(Copy(producerId: 8, sequence: 1, baseOffset: 2));

        _harness.Log.LogEndOffset.ShouldBe(3);
        Judge(_harness.Replica.Replica.Producers).ShouldBe(ProducerVerdictKind.Append);

        // Killed and started again: the log is longer than what the snapshot of the time before the cut speaks for.
        var restarted = new ProducerStateTable(ReplicaHarness.Partition);
        await ProducerRecovery.RebuildAsync(_harness.Log, restarted, _file, 0, TestContext.Current.CancellationToken);
        Judge(restarted).ShouldBe(ProducerVerdictKind.Append);
        restarted.EndOffset.ShouldBe(3);
    }

    [Fact]
    public async Task SaveProducers_WritesNothing_WhenTheLogIsCutWhileItWaitsForTheFlush()
    {
        await LeadThenFollowAsync(saves: false);
        _harness.Log.Flush(1);
        var saving = MaintainAsync();
        await _harness.SettleAsync();

        await FetchedAsync(new ReplicaFetchPartitionResponse(ErrorCode.None, 5, 1, 0, 0, default));
        _harness.Log.Flush(2);
        await saving;

        _directory.GetFiles().ShouldBeEmpty();
        await MaintainAsync();
        _directory.GetFiles().ShouldNotBeEmpty("what is left is saved the next time");
    }

    private static ProducerVerdictKind Judge(ProducerStateTable producers) => producers.Check(new ProducerBatch(7, 0, 1, 0, 0)).Kind;

    private static ReplicaFetchPartitionResponse Copy(long producerId, int sequence, long baseOffset)
    {
        var batch = Batches.Of(producerId: producerId, sequence: sequence);
        OrleansStream.Protocol.Records.RecordBatch.SetBaseOffset(batch, baseOffset);
        OrleansStream.Protocol.Records.RecordBatch.SetPartitionLeaderEpoch(batch, 6);
        return new ReplicaFetchPartitionResponse(ErrorCode.None, -1, -1, 0, 0, batch);
    }

    /// <summary>Two records of producer 7 in epoch 5, of which the leader of epoch 6 has the first only.</summary>
    private async Task LeadThenFollowAsync(bool saves)
    {
        _ = _harness.ProduceAsync(Batches.Of(producerId: 7, sequence: 0));
        _ = _harness.ProduceAsync(Batches.Of(producerId: 7, sequence: 1));
        await _harness.SettleAsync();
        if (saves)
        {
            _harness.Log.Flush();
            await MaintainAsync();
        }

        _harness.Replica.Replica.BecomeFollower(new PartitionLeadership(1, 2, 6, 1, [1, 2], [1, 2]), _harness.Time.NowMs).Error.ShouldBe(ErrorCode.None);
    }

    private Task FetchedAsync(ReplicaFetchPartitionResponse answer)
        => _harness.TurnAsync(async () => await _harness.Replica.OnFetchedAsync(_harness.Replica.NextFetch()!.Value, answer));

    private Task MaintainAsync() => _harness.TurnAsync(async () =>
    {
        await _harness.Replica.MaintainAsync(_harness.Broker, TestContext.Current.CancellationToken);
        return 0;
    });
}
