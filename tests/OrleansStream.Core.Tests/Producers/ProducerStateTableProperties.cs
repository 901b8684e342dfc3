using System.Buffers;
using FsCheck;
using FsCheck.Fluent;
using OrleansStream.Core.Producers;

namespace OrleansStream.Core.Tests.Producers;

/// <summary>Producers that send, send again, skip and begin new epochs, on a partition that is restarted at any moment.</summary>
public sealed class ProducerStateTableProperties
{
    private static readonly TopicPartition Partition = new("orders", 3);

    private enum Step
    {
        Next,
        Repeat,
        Skip,
        NewEpoch,
        OldEpoch,
        Restart,
    }

    [Fact]
    public void Check_LetsEachBatchInOnceAndInOrder_WhateverIsSent()
    {
        var steps = Gen.Elements(Enum.GetValues<Step>())
            .Zip(Gen.Choose(0, 2))
            .Zip(Gen.Choose(1, 6), (pair, size) => (Kind: pair.Item1, Producer: pair.Item2, Size: size))
            .ListOf();
        Prop.ForAll(steps.ToArbitrary(), Run).QuickCheckThrowOnFailure();
    }

    private static void Run(IList<(Step Kind, int Producer, int Size)> steps)
    {
        var table = new ProducerStateTable(Partition);

        // The first producer is about to pass the largest sequence number.
        var producers = Enumerable.Range(0, 3).Select(id => new Producer { FirstSequence = id == 0 ? int.MaxValue - 8 : 0 }).ToArray();
        foreach (var (kind, id, size) in steps)
        {
            var producer = producers[id];
            switch (kind)
            {
                case Step.Next:
                    Append(table, id, producer, size);
                    break;
                case Step.NewEpoch:
                    producer.Epoch++;
                    producer.FirstSequence = producer.Sent.Count == 0 ? producer.FirstSequence : 0;
                    producer.Sent.Clear();
                    Append(table, id, producer, size);
                    break;
                case Step.Repeat when producer.Sent.Count >= size:
                    var (first, count, offset) = producer.Sent[^size];
                    var verdict = table.Check(new ProducerBatch(id, producer.Epoch, first, count - 1, 0));
                    if (size <= 5)
                    {
                        verdict.ShouldBe(ProducerVerdict.Duplicate(offset, offset + count, 0));
                    }
                    else
                    {
                        verdict.Error.ShouldBe(ErrorCode.OutOfOrderSequenceNumber);
                    }

                    break;
                case Step.Skip when producer.Sent.Count > 0:
                    table.Check(new ProducerBatch(id, producer.Epoch, SequenceNumber.Add(producer.NextSequence, size), 0, 0))
                        .Error.ShouldBe(ErrorCode.OutOfOrderSequenceNumber);
                    break;
                case Step.OldEpoch when producer.Epoch > 0 && producer.Sent.Count > 0:
                    table.Check(new ProducerBatch(id, (short)(producer.Epoch - 1), producer.NextSequence, 0, 0))
                        .Error.ShouldBe(ErrorCode.InvalidProducerEpoch);
                    break;
                case Step.Restart:
                    table = Restarted(table);
                    break;
            }
        }
    }

    private static void Append(ProducerStateTable table, int id, Producer producer, int size)
    {
        var batch = new ProducerBatch(id, producer.Epoch, producer.NextSequence, size - 1, 0);
        table.Check(batch).Kind.ShouldBe(ProducerVerdictKind.Append);
        producer.Sent.Add((batch.FirstSequence, size, table.EndOffset));
        table.Replay(batch, table.EndOffset, 0);
    }

    private static ProducerStateTable Restarted(ProducerStateTable table)
    {
        var snapshot = new ArrayBufferWriter<byte>();
        table.WriteSnapshot(snapshot, leaderEpoch: 0);
        var restarted = new ProducerStateTable(Partition);
        restarted.TryReadSnapshot(snapshot.WrittenSpan, out _, out var problem).ShouldBeTrue(problem);
        return restarted;
    }

    private sealed class Producer
    {
        public short Epoch { get; set; }

        public int FirstSequence { get; set; }

        public List<(int First, int Count, long Offset)> Sent { get; } = [];

        public int NextSequence => Sent.Count == 0 ? FirstSequence : SequenceNumber.Add(Sent[^1].First, Sent[^1].Count);
    }
}
