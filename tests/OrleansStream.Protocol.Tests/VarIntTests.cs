using FsCheck;
using FsCheck.Fluent;

namespace OrleansStream.Protocol.Tests;

public sealed class VarIntTests
{
    /// <summary>From the definition of zigzag and base-128 groups.</summary>
    public static TheoryData<long, string> Values => new()
    {
        { 0, "00" }, { -1, "01" }, { 1, "02" }, { -2, "03" }, { 63, "7E" }, { -64, "7F" }, { 64, "8001" }, { -65, "8101" },
        { 8191, "FE7F" }, { -8192, "FF7F" }, { 8192, "808001" }, { 300, "D804" }, { 1048575, "FEFF7F" }, { 1048576, "80808001" },
        { int.MaxValue, "FEFFFFFF0F" }, { int.MinValue, "FFFFFFFF0F" },
        { long.MaxValue, "FEFFFFFFFFFFFFFFFF01" }, { long.MinValue, "FFFFFFFFFFFFFFFFFF01" },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public void Int64_HasGoldenBytes_BothWays(long value, string hex)
    {
        var bytes = Convert.FromHexString(hex);
        Span<byte> buffer = stackalloc byte[VarInt.MaxSizeOfInt64];
        var size = VarInt.WriteInt64(buffer, value);
        Convert.ToHexString(buffer[..size]).ShouldBe(hex);
        VarInt.SizeOfInt64(value).ShouldBe(size);
        VarInt.TryReadInt64(bytes, out var read, out var bytesRead).ShouldBeTrue();
        read.ShouldBe(value);
        bytesRead.ShouldBe(bytes.Length);
        if (value is >= int.MinValue and <= int.MaxValue)
        {
            VarInt.WriteInt32(buffer, (int)value).ShouldBe(size);
            Convert.ToHexString(buffer[..size]).ShouldBe(hex);
            VarInt.SizeOfInt32((int)value).ShouldBe(size);
            VarInt.TryReadInt32(bytes, out var read32, out bytesRead).ShouldBeTrue();
            read32.ShouldBe((int)value);
            bytesRead.ShouldBe(bytes.Length);
        }
    }

    [Theory]
    [MemberData(nameof(Values))]
    public void TryRead_AsksForMore_AtEverySplitPoint(long value, string hex)
    {
        var bytes = Convert.FromHexString(hex);
        for (var length = 0; length < bytes.Length; length++)
        {
            VarInt.TryReadInt64(bytes.AsSpan(0, length), out _, out var bytesRead).ShouldBeFalse($"{value}, {length} bytes");
            bytesRead.ShouldBe(0);
        }
    }

    [Theory]
    [InlineData("8000", "zero in two bytes")]
    [InlineData("FF00", "127 in two bytes")]
    [InlineData("80808000", "zero in four bytes")]
    [InlineData("8080808010", "2^32")]
    [InlineData("FFFFFFFF1F", "more than 32 bits")]
    [InlineData("FFFFFFFF7F", "more than 32 bits")]
    [InlineData("8080808080", "no end after five bytes")]
    [InlineData("808080808001", "six bytes")]
    public void TryReadInt32_Throws_WhenOverlongOrOverflowing(string hex, string why)
    {
        var bytes = Convert.FromHexString(hex);
        Should.Throw<ProtocolException>(() => VarInt.TryReadInt32(bytes, out _, out _), why).ErrorCode.ShouldBe(ErrorCode.CorruptMessage);
        Should.Throw<ProtocolException>(() => VarInt.TryReadUInt32(bytes, out _, out _), why).ErrorCode.ShouldBe(ErrorCode.CorruptMessage);
    }

    [Theory]
    [InlineData("8000", "zero in two bytes")]
    [InlineData("FFFFFFFFFFFFFFFFFF02", "more than 64 bits")]
    [InlineData("FFFFFFFFFFFFFFFFFF7F", "more than 64 bits")]
    [InlineData("80808080808080808080", "no end after ten bytes")]
    [InlineData("8080808080808080808001", "eleven bytes")]
    public void TryReadInt64_Throws_WhenOverlongOrOverflowing(string hex, string why)
    {
        var bytes = Convert.FromHexString(hex);
        Should.Throw<ProtocolException>(() => VarInt.TryReadInt64(bytes, out _, out _), why).ErrorCode.ShouldBe(ErrorCode.CorruptMessage);
    }

    [Fact]
    public void Write_Throws_WhenDestinationIsTooShort()
    {
        var exception = Should.Throw<ArgumentException>(() => VarInt.WriteUInt32(new byte[1], 300));
        exception.Message.ShouldContain("takes 2 bytes");
    }

    [Fact]
    public void RoundTrip_GivesTheValue_ForAnyNumber() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(5000), Prop.ForAll<long, int>((seed, bits) =>
        {
            // All magnitudes alike, not only small numbers.
            var value = unchecked(seed * (long)0x9E3779B97F4A7C15UL) >> (bits & 63);
            Span<byte> buffer = stackalloc byte[VarInt.MaxSizeOfInt64];
            var size = VarInt.WriteInt64(buffer, value);
            var whole = VarInt.TryReadInt64(buffer, out var read, out var bytesRead) && read == value && bytesRead == size && VarInt.SizeOfInt64(value) == size;
            size = VarInt.WriteInt32(buffer, (int)value);
            var half = VarInt.TryReadInt32(buffer, out var read32, out bytesRead) && read32 == (int)value && bytesRead == size && VarInt.SizeOfInt32((int)value) == size;
            size = VarInt.WriteUInt64(buffer, (ulong)value);
            var unsigned = VarInt.TryReadUInt64(buffer, out var readUnsigned, out bytesRead) && readUnsigned == (ulong)value && bytesRead == size;
            return whole && half && unsigned;
        }));
}
