namespace OrleansStream.Protocol.Tests;

public sealed class PooledBufferWriterTests
{
    [Fact]
    public void Write_KeepsWhatWasWritten_WhenTheBufferGrows()
    {
        using var writer = new PooledBufferWriter(initialCapacity: 16);
        for (var i = 0; i < 10_000; i++)
        {
            writer.GetSpan(3)[0] = (byte)i;
            writer.GetMemory(3).Span[1] = (byte)(i >> 8);
            writer.Advance(2);
        }

        writer.WrittenCount.ShouldBe(20_000);
        for (var i = 0; i < 10_000; i++)
        {
            writer.WrittenSpan[2 * i].ShouldBe((byte)i);
            writer.WrittenMemory.Span[(2 * i) + 1].ShouldBe((byte)(i >> 8));
        }

        writer.Clear();
        writer.WrittenCount.ShouldBe(0);
    }

    [Fact]
    public void Advance_Throws_WhenTheLimitIsPassed()
    {
        using var writer = new PooledBufferWriter(maxBytes: 100);
        writer.GetSpan(100);
        writer.Advance(100);
        writer.GetSpan(1);
        Should.Throw<ProtocolException>(() => writer.Advance(1)).Message.ShouldContain("101 bytes");
        Should.Throw<ProtocolException>(() => writer.GetSpan(10_000)).ErrorCode.ShouldBe(ErrorCode.MessageTooLarge);
        writer.WrittenCount.ShouldBe(100);
    }

    [Fact]
    public void Advance_Throws_WhenMoreThanTheRoomIsClaimed()
    {
        using var writer = new PooledBufferWriter();
        var room = writer.GetSpan(10).Length;
        Should.Throw<ArgumentOutOfRangeException>(() => writer.Advance(room + 1));
        Should.Throw<ArgumentOutOfRangeException>(() => writer.Advance(-1));
        Should.Throw<ArgumentOutOfRangeException>(() => writer.GetSpan(-1));
    }

    [Fact]
    public void Dispose_LeavesAnEmptyWriter_ThatWorksAgain()
    {
        var writer = new PooledBufferWriter();
        writer.GetSpan(1000);
        writer.Advance(1000);
        writer.Dispose();
        writer.Dispose();
        writer.WrittenCount.ShouldBe(0);
        writer.GetSpan(1)[0] = 7;
        writer.Advance(1);
        writer.WrittenSpan[0].ShouldBe((byte)7);
        writer.Dispose();
    }
}
