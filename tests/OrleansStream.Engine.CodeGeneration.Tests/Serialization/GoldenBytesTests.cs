using OrleansStream.Abstractions;
using OrleansStream.Engine.CodeGeneration.Tests.Samples;

namespace OrleansStream.Engine.CodeGeneration.Tests.Serialization;

/// <summary>
/// The wire format, frozen: brokers and clients of different versions talk to each other. A change here breaks rolling
/// upgrades; new fields and new types add cases and leave these alone.
/// </summary>
public sealed class GoldenBytesTests
{
    // Field 5, which came with KIP-516, of 16 bytes.
    private const string NoTopicId = "2B 11 00000000000000000000000000000000";

    [Fact]
    public void ProduceRequest_HasFrozenBytes()
        => Frozen(
            new PartitionProduceRequest(new byte[] { 1, 2, 3 }, -1, 30000, "tx"),
            "03 04010203" // field 0, bytes: three
            + "08 01" // field 1, varint: -1
            + "10 E0D403" // field 2, varint: 30000
            + "1B 037478" // field 3, bytes: "tx"
            + "20 01" // field 4, varint: -1
            + "07"); // end

    [Fact]
    public void ProduceRequest_LeavesOutDefaults() => Frozen(
        new PartitionProduceRequest(default, 0, 0, null),
        "20 01" // field 4, varint: -1; its default is not its type's, so it is always written
        + "07");

    [Fact]
    public void ProduceResponse_HasFrozenBytes()
        => Frozen(
            new PartitionProduceResponse(ErrorCode.NotLeaderOrFollower, "who", 12345678901, -1, 0, 7),
            "00 0C" + "0B 0477686F" + "10 EAF0E0FD5B" + "18 01" + "28 0E" + "07");

    [Fact]
    public void FetchRequest_HasFrozenBytes()
        => Frozen(
            new FetchRequest(500, 1, 1 << 20, IsolationLevel.ReadCommitted, [new("t", 0, 42, 1024, 3), new("ü", 1, 0, 0, -1)]),
            "00 E807" + "08 02" + "10 80808001" + "18 01"
            + "25 15" // field 4, sequence: two objects
            + "03027410541880102006" + NoTopicId + "07"
            + "0303C3BC08022001" + NoTopicId + "07"
            + "07");

    [Fact]
    public void DerivedClasses_HaveFrozenBytes()
        => Frozen<Shape?[]>(
            [new Circle("c", 2), null, new Circle("", 0)],
            "1D" // three objects
            + "0E 0E 73616D706C652E436972636C65" // derived: "sample.Circle"
            + "03 0263" // field 0 of the base class: "c"
            + "0F" // end of the base class
            + "02 0000000000000040" // field 0: 2.0
            + "07"
            + "06" // null
            + "0E 0E 73616D706C652E436972636C65 03 01 0F 02 0000000000000000 07");

    [Fact]
    public void ClassWithInitialisers_HasFrozenBytes()
        => Frozen(
            Settable.Create(0, null, 4, new(-1, 1)),
            "00 00" + "0B 00" + "15 19020406" + "18 3C" + "20 08" + "2B 056D616465" + "34 0001080207" + "07");

    [Fact]
    public void EveryBuiltIn_HasFrozenBytes()
        => Frozen(
            GeneratedCodecTests.Samples(),
            """
            00 01  08 C801  18 DFD403  28 FFFFFFFF0F  30 FFFFFFFF0F
            38 FFFFFFFFFFFFFFFFFF01  40 FFFFFFFFFFFFFFFFFF01
            49 0000C03F  52 9A9999999999B9BF
            6B 0D 6772C3BCC39F6520F09F9880  73 11 33221100554477668899AABBCCDDEEFF
            78 01  8B01 0B 001477252239DC08 4A01
            C301 04010203  CB01 030405  D801 D804
            E401 00 00 07
            ED01 1E 09 02 01 11 04 06
            F501 1C 0261 00 01
            FD01 15 03046F6E65 0C 0002 0802 07 07 03056E6F6E65 0C 06 07
            8D02 11 02 04  9D02 0D 0002 0B046F6E65 07
            A502 11 0E 10
            C402 04 00 AC02 0B 04455552 07 07
            CD02 15 00 01 07 06
            07
            """);

    private static void Frozen<T>(T value, string bytes)
    {
        var expected = string.Concat(bytes.Where(c => !char.IsWhiteSpace(c)));
        Convert.ToHexString(Wire.Write(value)).ShouldBe(expected);
        Wire.Write(Wire.Read<T>(Convert.FromHexString(expected))).ShouldBe(Convert.FromHexString(expected));
    }
}
