using System.Buffers;
using OrleansStream.Core.Producers;

namespace OrleansStream.Core.Tests.Producers;

public sealed class ProducerSnapshotTests
{
    private static readonly TopicPartition Partition = new("orders", 3);

    [Fact]
    public void TryReadSnapshot_RestoresEverything_WhenSound()
    {
        var table = Filled();
        var restored = new ProducerStateTable(Partition);

        restored.TryReadSnapshot(Snapshot(table), out var leaderEpoch, out var problem).ShouldBeTrue(problem);

        leaderEpoch.ShouldBe(4);
        restored.EndOffset.ShouldBe(table.EndOffset);
        restored.Count.ShouldBe(2);
        restored.Check(new ProducerBatch(1, 0, 70, 9, 0)).ShouldBe(ProducerVerdict.Duplicate(70, 80, 7));
        restored.Check(new ProducerBatch(2, 5, 1, 0, 0)).Kind.ShouldBe(ProducerVerdictKind.Append);
        Snapshot(restored).ShouldBe(Snapshot(table));
    }

    [Fact]
    public void WriteSnapshot_WritesTheseBytes_ForEver()
    {
        var table = new ProducerStateTable(Partition);
        table.Replay(new ProducerBatch(0x0102030405060708, 9, 10, 1, 0x11), 0x20, 0x30);

        Convert.ToHexString(Snapshot(table)[..^4]).ShouldBe(
            "4F535053" + "0200" + "2200000000000000" + "04000000" + "01000000"
            + "0807060504030201" + "0900" + "3000000000000000" + "01"
            + "0B000000" + "2100000000000000" + "01000000" + "1100000000000000");
    }

    [Fact]
    public void TryReadSnapshot_RefusesAndLeavesTheTableEmpty_WhenAnyBitIsFlipped()
    {
        var sound = Snapshot(Filled());
        for (var bit = 0; bit < sound.Length * 8; bit++)
        {
            var broken = (byte[])sound.Clone();
            broken[bit / 8] ^= (byte)(1 << (bit % 8));
            var table = Filled();

            table.TryReadSnapshot(broken, out _, out var problem).ShouldBeFalse($"bit {bit}");

            problem.ShouldNotBeNull();
            table.Count.ShouldBe(0);
            table.EndOffset.ShouldBe(0);
        }
    }

    [Fact]
    public void TryReadSnapshot_Refuses_WhenCutShortAnywhere()
    {
        var sound = Snapshot(Filled());
        for (var length = 0; length < sound.Length; length++)
        {
            new ProducerStateTable(Partition).TryReadSnapshot(sound.AsSpan(0, length), out _, out _).ShouldBeFalse($"length {length}");
        }
    }

    [Fact]
    public void TryReadSnapshot_KeepsTheProducersHeardOfLast_WhenThereAreTooMany()
    {
        var table = new ProducerStateTable(Partition, maxProducers: 1);

        table.TryReadSnapshot(Snapshot(Filled()), out _, out _).ShouldBeTrue();

        table.Count.ShouldBe(1);
        table.Check(new ProducerBatch(2, 4, 0, 0, 0)).Error.ShouldBe(ErrorCode.InvalidProducerEpoch);
    }

    private static ProducerStateTable Filled()
    {
        var table = new ProducerStateTable(Partition);
        for (var i = 0; i < 8; i++)
        {
            table.Replay(new ProducerBatch(1, 0, i * 10, 9, i), i * 10, 1000 + i);
        }

        table.Replay(new ProducerBatch(2, 5, 0, 0, 99), 80, 2000);
        return table;
    }

    private static byte[] Snapshot(ProducerStateTable table)
    {
        var output = new ArrayBufferWriter<byte>();
        table.WriteSnapshot(output, leaderEpoch: 4);
        return output.WrittenSpan.ToArray();
    }
}
