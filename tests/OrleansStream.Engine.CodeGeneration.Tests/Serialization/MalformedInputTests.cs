using Orleans.Serialization;
using OrleansStream.Abstractions;
using OrleansStream.Engine.CodeGeneration.Tests.Samples;

namespace OrleansStream.Engine.CodeGeneration.Tests.Serialization;

public sealed class MalformedInputTests
{
    [Fact]
    public void Read_Throws_WhereverTheMessageIsCut()
    {
        CutEverywhere(GeneratedCodecTests.Samples());
        CutEverywhere(new PartitionProduceRequest(new byte[5000], -1, 30000, "tx"), step: 97);
        CutEverywhere<Shape[]>([new Ring("r", 2, 1), new Polygon("p", [new(1, 2)])]);
        CutEverywhere(Settable.Create(1, "t", 2, new(3, 4)));
    }

    [Fact]
    public void Skip_Throws_WhereverTheMessageIsCut()
    {
        var message = Wire.Write(GeneratedCodecTests.Samples());
        for (var length = 0; length < message.Length; length++)
        {
            Should.Throw<SerializerException>(() => Skip(message.AsMemory(0, length)), $"cut at {length} of {message.Length}");
        }
    }

    [Theory]
    [InlineData("FFFFFFFFFFFFFFFFFF01")] // the largest varint there is
    [InlineData("FFFFFFFF7F")]
    [InlineData("04010203FF")] // trailing bytes are read by nobody, but the length fits
    [InlineData("0501")]
    public void ReadBytes_ChecksLength_BeforeItAllocates(string hex)
    {
        var message = Convert.FromHexString(hex);
        var before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            var reader = new MessageReader(message);
            reader.ReadBytes()!.Length.ShouldBe(3);
        }
        catch (SerializerException)
        {
            hex.ShouldNotStartWith("04");
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(100_000);
    }

    [Theory]
    [InlineData("F9FFFFFF7F")] // two thousand million integers
    [InlineData("FFFFFFFFFFFFFFFFFF01")]
    [InlineData("00")]
    public void ReadSequence_ChecksCount_BeforeItAllocates(string hex)
    {
        var message = Convert.FromHexString(hex);
        var before = GC.GetAllocatedBytesForCurrentThread();
        foreach (var read in new Action[]
        {
            () => Read<int[]>(message), () => Read<List<Money>>(message), () => Read<Dictionary<int, int>>(message),
            () => Read<IReadOnlyList<string>>(message),
        })
        {
            if (hex == "00")
            {
                read();
            }
            else
            {
                Should.Throw<SerializerException>(read);
            }
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(1_000_000);
    }

    [Fact]
    public void ReadSequence_TakesMemoryAsItReads_WhenElementsAreLargerThanTheirBytes()
    {
        // A million elements of one byte each, the first of which is wrong.
        var writer = MessageWriter.Rent();
        writer.BeginSequence(1_000_000, WireType.Object);
        writer.WriteRaw(new byte[1_000_000]);
        var message = writer.ToArray();
        writer.Return();

        var before = GC.GetAllocatedBytesForCurrentThread();
        Should.Throw<SerializerException>(() => Read<Money[]>(message));
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(1_000_000);
    }

    [Theory]
    [InlineData("04")] // objects in objects
    [InlineData("05")] // a field of wire type 5, sequence
    public void Skip_Throws_WhenNestingHasNoEnd(string hex)
    {
        var level = Convert.FromHexString(hex == "04" ? "04" : "0D");
        var message = Enumerable.Repeat(level, 100_000).SelectMany(b => b).ToArray();
        Should.Throw<SerializerException>(() => Skip(message, hex == "04" ? WireType.Object : WireType.Sequence)).Message.ShouldContain("nest");
    }

    [Fact]
    public void Read_Throws_WhenAKnownTypeNestsWithoutEnd()
    {
        var message = Enumerable.Repeat((byte)0x14, 100_000).ToArray(); // field 2 of Tree: its parent
        Should.Throw<SerializerException>(() => Read<Tree>(message)).Message.ShouldContain("nest");
    }

    [Fact]
    public void Read_Throws_WhenEndKeysAreWrittenInUncommonWaysToFoolTheDepth()
    {
        // End keys with superfluous varint bytes, then nesting: each must count as what it is.
        var message = new List<byte>();
        for (var i = 0; i < 1000; i++)
        {
            message.AddRange([0x14, 0x87, 0x00]);
        }

        message.AddRange(Enumerable.Repeat((byte)0x14, 100_000));
        Should.Throw<SerializerException>(() => Read<Tree>(message.ToArray()));
    }

    [Theory]
    [InlineData("0F")] // the end of a base class that is none, and then nothing
    [InlineData("17")] // an end with an unknown id
    [InlineData("0E")] // a derived name that is cut
    [InlineData("0E0261")] // a derived name without an object
    [InlineData("0E02610E0261")] // two names
    [InlineData("0E00")] // a null name
    [InlineData("FFFFFFFFFFFFFFFFFFFF01")] // a key of more than 64 bits
    [InlineData("80808080808080808002")] // a varint whose tenth byte is too large
    public void Read_ThrowsOneExceptionType_WhenKeysAreWrong(string hex)
    {
        Should.Throw<SerializerException>(() => Read<Shape>(Convert.FromHexString(hex)));
        Should.Throw<SerializerException>(() => Read<Line>(Convert.FromHexString(hex)));
        Should.Throw<SerializerException>(() => Skip(Convert.FromHexString(hex)));
    }

    [Fact]
    public void Read_Throws_WhenValuesAreImpossible()
    {
        Should.Throw<SerializerException>(() => Read<bool>([2]));
        Should.Throw<SerializerException>(() => Read<byte>([0x80, 0x02]));
        Should.Throw<SerializerException>(() => Read<short>([0x80, 0x80, 0x08]));
        Should.Throw<SerializerException>(() => Read<Guid>([5, 1, 2, 3, 4]));
        Should.Throw<SerializerException>(() => Read<DateTimeOffset>([11, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0]));
        Should.Throw<SerializerException>(() => Read<Dictionary<string, int>>([0x1D, 7, 7, 7]));
        Should.Throw<SerializerException>(() => Read<Dictionary<int, int>>([0x15, 7, 7]));
    }

    [Fact]
    public void Read_ThrowsOneExceptionType_WhenBytesAreRandomlyFlipped()
    {
        var random = new Random(20240229);
        var message = Wire.Write(GeneratedCodecTests.Samples());
        for (var round = 0; round < 20_000; round++)
        {
            var mutated = message.ToArray();
            for (var flips = random.Next(1, 4); flips > 0; flips--)
            {
                mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
            }

            try
            {
                Read<Everything>(mutated);
            }
            catch (SerializerException)
            {
                // As it should be; anything else fails the test.
            }
        }
    }

    private static void CutEverywhere<T>(T value, int step = 1)
    {
        var message = Wire.Write(value);
        for (var length = 0; length < message.Length; length += step)
        {
            Should.Throw<SerializerException>(() => Read<T>(message[..length]), $"{typeof(T)} cut at {length} of {message.Length}");
        }
    }

    private static T Read<T>(byte[] message)
    {
        var reader = new MessageReader(message);
        return ValueCodecs.Get<T>().Read(ref reader);
    }

    private static void Skip(ReadOnlyMemory<byte> message, WireType type = WireType.Object)
    {
        var reader = new MessageReader(message);
        reader.Skip(type);
    }
}
