using System.Buffers;
using Orleans.Serialization;

namespace OrleansStream.Engine.CodeGeneration.Tests.Serialization;

public sealed class MessageWriterTests
{
    [Fact]
    public void WriteMemory_HoldsLargeMemoryByReference_AndCopiesSmallMemory()
    {
        var writer = MessageWriter.Rent();
        var small = new byte[MessageWriter.ReferenceThreshold - 1];
        var large = new byte[MessageWriter.ReferenceThreshold];
        writer.WriteMemory(small);
        writer.WriteMemory(large);
        small[0] = 1;
        large[0] = 1;

        var segments = Segments(writer);
        segments.Count.ShouldBe(2);
        segments[0].Span.Contains((byte)1).ShouldBeFalse("small memory is copied when it is written");
        segments[1].Equals(large).ShouldBeTrue("large memory is not copied");
        writer.Return();
    }

    [Fact]
    public void Segments_KeepOrder_WhenHeadsAndReferencesAlternate()
    {
        var random = new Random(7);
        for (var round = 0; round < 200; round++)
        {
            var writer = MessageWriter.Rent();
            var expected = new ArrayBufferWriter<byte>();
            for (var part = random.Next(8); part > 0; part--)
            {
                var bytes = new byte[random.Next(3) == 0 ? random.Next(4096, 9000) : random.Next(1, 300)];
                random.NextBytes(bytes);
                if (random.Next(2) == 0)
                {
                    writer.WriteRaw(bytes);
                    expected.Write(bytes);
                }
                else
                {
                    writer.WriteMemory(bytes);
                    WritePrefix(expected, bytes.Length);
                    expected.Write(bytes);
                }
            }

            var written = new ArrayBufferWriter<byte>();
            writer.WriteTo(written);
            writer.Length.ShouldBe(expected.WrittenCount);
            written.WrittenSpan.SequenceEqual(expected.WrittenSpan).ShouldBeTrue();
            writer.ToArray().AsSpan().SequenceEqual(expected.WrittenSpan).ShouldBeTrue();
            Segments(writer).ShouldAllBe(segment => segment.Length > 0);
            Segments(writer).Sum(segment => segment.Length).ShouldBe(writer.Length);
            writer.Return();
        }
    }

    [Fact]
    public void PatchFixed32_FillsTheReservation_WhenTheBufferHasGrownSince()
    {
        var writer = MessageWriter.Rent();
        writer.WriteByte(9);
        var reservation = writer.ReserveFixed32();
        writer.WriteRaw(new byte[100_000]);
        writer.PatchFixed32(reservation, 0x01020304);
        writer.ToArray()[..5].ShouldBe([9, 4, 3, 2, 1]);
        Should.Throw<ArgumentOutOfRangeException>(() => writer.PatchFixed32(writer.Length - 3, 0));
        writer.Return();
    }

    [Fact]
    public void Rent_GivesAnEmptyWriter_WhenItWasUsedBefore()
    {
        var writer = MessageWriter.Rent();
        writer.BeginObject();
        writer.WriteMemory(new byte[100_000]);
        writer.WriteRaw(new byte[100_000]);
        writer.Return();
        for (var i = 0; i < 100; i++)
        {
            var next = MessageWriter.Rent();
            next.Length.ShouldBe(0);
            Segments(next).ShouldBeEmpty();
            next.WriteByte(1);
            next.ToArray().ShouldBe([1]);
            next.Return();
        }
    }

    [Fact]
    public void Return_Throws_WhenItIsCalledTwice()
    {
        var writer = MessageWriter.Rent();
        writer.Return();
        Should.Throw<InvalidOperationException>(writer.Return);
    }

    [Fact]
    public async Task Rent_NeverGivesOneWriterTwice_WhenManyThreadsRent()
    {
        var failures = 0;
        await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Run(() =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                var writer = MessageWriter.Rent();
                writer.WriteFixed64((ulong)((thread << 24) | i));
                var other = MessageWriter.Rent();
                other.WriteFixed64(ulong.MaxValue);
                if (new MessageReader(writer.ToArray()).ReadFixed64() != (ulong)((thread << 24) | i))
                {
                    Interlocked.Increment(ref failures);
                }

                other.Return();
                writer.Return();
            }
        })));
        failures.ShouldBe(0);
    }

    [Fact]
    public void BeginObject_Throws_WhenNestingIsTooDeep()
    {
        var writer = MessageWriter.Rent();
        for (var i = 0; i < MessageWriter.MaxDepth; i++)
        {
            writer.BeginObject();
        }

        Should.Throw<SerializerException>(writer.BeginObject);
        writer.Return();
    }

    [Fact]
    public void Write_AllocatesNothing_WhenTheWriterIsPooled()
    {
        var payload = new byte[16 * 1024];
        var request = new Abstractions.PartitionProduceRequest(payload, -1, 30_000, "transaction");
        var codec = ValueCodecs.Get<Abstractions.PartitionProduceRequest>();
        for (var i = 0; i < 100; i++)
        {
            WriteOnce();
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            WriteOnce();
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);

        void WriteOnce()
        {
            var writer = MessageWriter.Rent();
            codec.Write(writer, request);
            writer.Return();
        }
    }

    private static List<ReadOnlyMemory<byte>> Segments(MessageWriter writer)
    {
        var segments = new List<ReadOnlyMemory<byte>>();
        var position = default(MessageWriter.SegmentPosition);
        while (writer.TryGetNextSegment(ref position, out var segment))
        {
            segments.Add(segment);
        }

        return segments;
    }

    private static void WritePrefix(ArrayBufferWriter<byte> output, int length)
    {
        var prefix = (uint)length + 1;
        for (; prefix >= 0x80; prefix >>= 7)
        {
            output.Write([(byte)(prefix | 0x80)]);
        }

        output.Write([(byte)prefix]);
    }
}
