using OrleansStream.Core.Replicas;
using OrleansStream.Grains.Partitions;
using OrleansStream.Grains.Tests.Doubles;
using OrleansStream.Protocol.Records;

namespace OrleansStream.Grains.Tests.Partitions;

public sealed class ProduceTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task ProduceAsync_AnswersAfterTheFlush_WhenAcksAskForIt(short acks)
    {
        var harness = new ReplicaHarness();

        var produce = harness.ProduceAsync(Batches.Of(3), acks);
        await harness.SettleAsync();
        produce.IsCompleted.ShouldBeFalse("nothing is durable yet");
        harness.Log.Flush();

        var answer = await produce;
        answer.ShouldBe(new(ErrorCode.None, null, 0, -1, 0, 5));
    }

    [Fact]
    public async Task ProduceAsync_AnswersAtOnce_WhenAcksIs0()
        => (await new ReplicaHarness().ProduceAsync(Batches.Of(), acks: 0)).ShouldBe(new(ErrorCode.None, null, -1, -1, 0, 5));

    [Fact]
    public async Task ProduceAsync_AnswersBeforeTheFlush_WhenTopicIsAsync()
    {
        var harness = new ReplicaHarness(("durability", "async"));

        (await harness.ProduceAsync(Batches.Of())).BaseOffset.ShouldBe(0);

        harness.Log.FlushedOffset.ShouldBe(0);
    }

    [Fact]
    public async Task ProduceAsync_AppendsInSequence_WhenBatchesArriveInAnyOrder()
    {
        var harness = new ReplicaHarness();
        var first = harness.ProduceAsync(Batches.Of(producerId: 7, sequence: 0));
        var produces = new[] { 3, 2, 4, 1 }.Select(sequence => harness.ProduceAsync(Batches.Of(producerId: 7, sequence: sequence))).ToArray();

        // Looked at in turns of its own: the last batches are appended meanwhile.
        while (await harness.TurnAsync(() => Task.FromResult(harness.Log.Headers.Count)) < 5)
        {
            await Task.Yield();
        }

        harness.Log.Flush();
        (await first).BaseOffset.ShouldBe(0);
        (await Task.WhenAll(produces)).Select(answer => (answer.Error, answer.BaseOffset)).ShouldBe(
            [(ErrorCode.None, 3), (ErrorCode.None, 2), (ErrorCode.None, 4), (ErrorCode.None, 1)]);
    }

    [Fact]
    public async Task ProduceAsync_RefusesTheBatch_WhenItsPredecessorDoesNotCome()
    {
        var harness = new ReplicaHarness();
        _ = harness.ProduceAsync(Batches.Of(producerId: 7, sequence: 0));

        var early = harness.ProduceAsync(Batches.Of(producerId: 7, sequence: 2));
        await harness.SettleAsync();
        early.IsCompleted.ShouldBeFalse("its predecessor may be under way");
        harness.Time.Advance(EarlyBatches.Patience);

        (await early).Error.ShouldBe(ErrorCode.OutOfOrderSequenceNumber);
        harness.Log.Headers.ShouldHaveSingleItem();
        harness.Log.ReturnedRoom.ShouldBeGreaterThan(0, "it is not appended");
    }

    [Fact]
    public async Task ProduceAsync_StampsOffsetAndEpoch_AndLeavesTheRequestAlone()
    {
        var harness = new ReplicaHarness();
        var batch = Batches.Of(2);
        var before = (byte[])batch.Clone();

        _ = harness.ProduceAsync(batch);
        _ = harness.ProduceAsync(Batches.Of(4));
        await harness.SettleAsync();

        harness.Log.Headers.Select(header => (header.BaseOffset, header.PartitionLeaderEpoch)).ShouldBe([(0, 5), (2, 5)]);
        batch.ShouldBe(before);
    }

    [Fact]
    public async Task ProduceAsync_StampsTheTimeIntoACopy_WhenTopicUsesLogAppendTime()
    {
        var harness = new ReplicaHarness(("message.timestamp.type", "LogAppendTime"));
        var batch = Batches.Of(2, timestamp: 5);
        var before = (byte[])batch.Clone();

        var produce = harness.ProduceAsync(batch);
        await harness.SettleAsync();
        harness.Log.Flush();

        (await produce).LogAppendTimeMs.ShouldBe(harness.Time.NowMs);
        var header = harness.Log.Headers.ShouldHaveSingleItem();
        header.TimestampType.ShouldBe(TimestampType.LogAppendTime);
        header.MaxTimestamp.ShouldBe(harness.Time.NowMs);
        RecordBatch.VerifyCrc(harness.Log.BytesOf(0)).ShouldBeTrue();
        batch.ShouldBe(before);
    }

    [Fact]
    public async Task ProduceAsync_Recompresses_WhenTopicWantsAnotherCompression()
    {
        var harness = new ReplicaHarness(("compression.type", "gzip"));

        _ = harness.ProduceAsync(Batches.Of(100, producerId: 7, sequence: 0));
        await harness.SettleAsync();

        var header = harness.Log.Headers.ShouldHaveSingleItem();
        header.CompressionType.ShouldBe(CompressionType.Gzip);
        (header.RecordCount, header.ProducerId, header.BaseSequence).ShouldBe((100, 7L, 0));
        using var reader = new RecordReader();
        reader.Open(harness.Log.BytesOf(0));
        reader.RemainingRecords.ShouldBe(100);
    }

    [Fact]
    public async Task ProduceAsync_RefusesCorruptMessage_WhenTheCrcIsWrong()
    {
        var batch = Batches.Of();
        batch[^1] ^= 1;

        var answer = await new ReplicaHarness().ProduceAsync(batch);

        answer.Error.ShouldBe(ErrorCode.CorruptMessage);
        answer.ErrorMessage!.ShouldStartWith("orders-0: The batch has the CRC");
        answer.BaseOffset.ShouldBe(-1);
    }

    [Fact]
    public async Task ProduceAsync_RefusesCorruptMessage_WhenThereIsNoBatch()
        => (await new ReplicaHarness().ProduceAsync([1, 2, 3])).Error.ShouldBe(ErrorCode.CorruptMessage);

    [Fact]
    public async Task ProduceAsync_RefusesMessageTooLarge_WhenOverTheTopicsLimit()
    {
        var answer = await new ReplicaHarness(("max.message.bytes", "500")).ProduceAsync(Batches.Of(valueSize: 500));

        answer.Error.ShouldBe(ErrorCode.MessageTooLarge);
        answer.ErrorMessage!.ShouldContain("max.message.bytes is 500");
    }

    [Fact]
    public async Task ProduceAsync_RefusesInvalidRecord_WhenTopicIsCompactedAndARecordHasNoKey()
    {
        var harness = new ReplicaHarness(("cleanup.policy", "compact"));
        using var builder = new RecordBatchBuilder();
        builder.Append(harness.Time.NowMs, NullableSpan.Null, "value"u8);
        using var batch = builder.Close();

        (await harness.ProduceAsync(batch.Memory.ToArray())).Error.ShouldBe(ErrorCode.InvalidRecord);
    }

    [Fact]
    public async Task ProduceAsync_AnswersADuplicateWithTheFirstOffset_OnceThatIsDurable()
    {
        var harness = new ReplicaHarness();
        var first = harness.ProduceAsync(Batches.Of(3, producerId: 7, sequence: 0));
        var again = harness.ProduceAsync(Batches.Of(3, producerId: 7, sequence: 0));
        await harness.SettleAsync();

        again.IsCompleted.ShouldBeFalse();
        harness.Log.Flush();

        (await first).BaseOffset.ShouldBe(0);
        (await again).ShouldBe(await first);
        harness.Log.Headers.Count.ShouldBe(1);
    }

    [Fact]
    public async Task ProduceAsync_KeepsTheOrderOfArrival_WhenTheLogHasNoRoom()
    {
        var harness = new ReplicaHarness();
        harness.Log.HasRoom = false;
        var produces = Enumerable.Range(0, 5).Select(i => harness.ProduceAsync(Batches.Of(1, producerId: 7, sequence: i))).ToList();
        await harness.SettleAsync();
        harness.Log.Headers.ShouldBeEmpty();

        // A batch that arrives in the very turn in which room is there must not pass those that wait.
        produces.Add(harness.TurnAsync(() =>
        {
            harness.Log.MakeRoom();
            return harness.Replica.ProduceAsync(new(Batches.Of(1, producerId: 7, sequence: 5), -1, 1000, null));
        }));
        await UntilAsync(harness, () => harness.Log.Headers.Count == 6);
        harness.Log.Flush();

        (await Task.WhenAll(produces)).Select(answer => (answer.Error, answer.BaseOffset))
            .ShouldBe(Enumerable.Range(0, 6).Select(i => (ErrorCode.None, (long)i)));
    }

    [Fact]
    public async Task ProduceAsync_RefusesFurtherBatches_WhenTooMuchWaitsForTheDisk()
    {
        var harness = new ReplicaHarness(("max.message.bytes", "40000000"));
        harness.Log.HasRoom = false;
        var waiting = harness.Replica.Settings.MaxQueuedBytes / 30_000_000;
        for (var i = 0; i < waiting; i++)
        {
            _ = harness.ProduceAsync(Batches.Of(valueSize: 30_000_000));
        }

        (await harness.ProduceAsync(Batches.Of(valueSize: 30_000_000))).Error.ShouldBe(ErrorCode.ThrottlingQuotaExceeded);
        var patient = harness.ProduceAsync(Batches.Of(valueSize: 30_000_000), acks: 0, waitsForRoom: true);
        await harness.SettleAsync();
        patient.IsCompleted.ShouldBeFalse("it waits behind the others");
    }

    [Fact]
    public async Task ProduceAsync_AnswersKafkaStorageError_WhenTheDiskFailsUnderWay()
    {
        var harness = new ReplicaHarness();
        var durable = harness.ProduceAsync(Batches.Of());
        await harness.SettleAsync();
        harness.Log.HasRoom = false;
        var waiting = harness.ProduceAsync(Batches.Of());
        await harness.SettleAsync();

        harness.Log.Fail("orders-0: /data/orders-0/0.log: No space left on device");

        foreach (var answer in await Task.WhenAll(durable, waiting, harness.ProduceAsync(Batches.Of())))
        {
            answer.Error.ShouldBe(ErrorCode.KafkaStorageError);
            answer.ErrorMessage.ShouldBe("orders-0: /data/orders-0/0.log: No space left on device");
        }

        (await harness.ReadAsync(0)).Error.ShouldBe(ErrorCode.KafkaStorageError);
        harness.Replica.Replica.Role.ShouldBe(ReplicaRole.Offline);
    }

    [Fact]
    public async Task ProduceAsync_AnswersKafkaStorageError_WhenTheAppendIsTheFirstToNotice()
    {
        var harness = new ReplicaHarness();
        harness.Log.FailSilently("gone");

        (await harness.ProduceAsync(Batches.Of())).Error.ShouldBe(ErrorCode.KafkaStorageError);
    }

    [Fact]
    public async Task ProduceAsync_TimesOut_WhenTheFlushTakesTooLong()
    {
        var harness = new ReplicaHarness();
        var slow = harness.ProduceAsync(Batches.Of(), timeoutMs: 200);
        var patient = harness.ProduceAsync(Batches.Of(), timeoutMs: 5000);
        await harness.SettleAsync();

        harness.Time.Advance(TimeSpan.FromMilliseconds(199));
        await harness.SettleAsync();
        slow.IsCompleted.ShouldBeFalse();
        harness.Time.Advance(TimeSpan.FromMilliseconds(1));

        (await slow).Error.ShouldBe(ErrorCode.RequestTimedOut);
        harness.Log.Flush();
        (await patient).Error.ShouldBe(ErrorCode.None);
    }

    [Fact]
    public async Task ProduceAsync_TimesOutUnappended_WhenRoomComesTooLate()
    {
        var harness = new ReplicaHarness();
        harness.Log.HasRoom = false;
        var produce = harness.ProduceAsync(Batches.Of(), timeoutMs: 200);
        await harness.SettleAsync();

        harness.Time.Advance(TimeSpan.FromMilliseconds(201));
        harness.Log.MakeRoom();

        (await produce).Error.ShouldBe(ErrorCode.RequestTimedOut);
        harness.Log.Headers.ShouldBeEmpty();
    }

    [Fact]
    public async Task ProduceAsync_RefusesTransactionalIds_WhileThereAreNoTransactions()
    {
        var harness = new ReplicaHarness();

        var answer = await harness.TurnAsync(() => harness.Replica.ProduceAsync(new(Batches.Of(), -1, 1000, "tx")));

        answer.Error.ShouldBe(ErrorCode.InvalidTxnState);
    }

    private static async Task UntilAsync(ReplicaHarness harness, Func<bool> condition)
    {
        for (var turn = 0; turn < 1000 && !condition(); turn++)
        {
            await Task.Yield();
            await harness.SettleAsync();
        }

        condition().ShouldBeTrue("after 1000 turns");
    }
}
