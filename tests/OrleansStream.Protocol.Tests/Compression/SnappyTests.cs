using IronSnappy;
using OrleansStream.Protocol.Compression;

namespace OrleansStream.Protocol.Tests.Compression;

public sealed class SnappyTests
{
    private static readonly ICompressionCodec Codec = CompressionCodecs.Get(CompressionType.Snappy);

    [Fact]
    public void Compress_WritesTheFramingOfSnappyJava_InBlocksOf32KiB()
    {
        using var compressed = new PooledBufferWriter();
        Codec.Compress(CodecTests.Text(70_000), compressed);
        var rest = compressed.WrittenSpan;
        Convert.ToHexString(rest[..16]).ShouldBe("82534E41505059000000000100000001");
        rest = rest[16..];
        var plainSizes = new List<int>();
        while (rest.Length > 0)
        {
            var length = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(rest);
            plainSizes.Add(Snappy.Decode(rest.Slice(4, length)).Length);
            rest = rest[(4 + length)..];
        }

        plainSizes.ShouldBe([32_768, 32_768, 70_000 - 65_536]);
    }

    [Fact]
    public void Decompress_ReadsABareBlock_OfAnotherEncoder()
    {
        foreach (var length in new[] { 0, 1, 60, 61, 255, 256, 257, 65_536, 65_537, 300_000 })
        {
            var plain = CodecTests.Text(length);
            using var decompressed = new PooledBufferWriter();
            Codec.Decompress(Snappy.Encode(plain), decompressed);
            decompressed.WrittenSpan.SequenceEqual(plain).ShouldBeTrue($"{length} bytes");
        }
    }

    /// <summary>Hand-made from Snappy's format description.</summary>
    [Theory]
    [InlineData("00", "")]
    [InlineData("0108" + "", null)] // literal of three bytes, none there
    [InlineData("03" + "08" + "616263", "abc")] // literal, length in the tag
    [InlineData("03" + "F002" + "616263", "abc")] // literal, length in one byte
    [InlineData("03" + "F40200" + "616263", "abc")] // in two
    [InlineData("03" + "F8020000" + "616263", "abc")] // in three
    [InlineData("03" + "FC02000000" + "616263", "abc")] // in four
    [InlineData("07" + "0461620509" + "", null)] // literal "ab", copy from 9 back
    [InlineData("06" + "046162" + "0102", "ababab")] // copy with one byte of offset, overlapping
    [InlineData("06" + "046162" + "0E0200", "ababab")] // copy with two bytes of offset
    [InlineData("06" + "046162" + "0F02000000", "ababab")] // copy with four
    [InlineData("06" + "046162" + "0100", null)] // offset 0
    [InlineData("06" + "046162" + "0103", null)] // before the start
    [InlineData("05" + "046162" + "0102", null)] // beyond the end
    [InlineData("07" + "046162" + "0102", null)] // one byte too few
    [InlineData("06" + "046162" + "01", null)] // ends within a copy
    [InlineData("06" + "046162" + "0E02", null)]
    [InlineData("03" + "F0", null)] // ends within a length
    [InlineData("03" + "FCFFFFFFFF" + "616263", null)] // literal of 4 GiB
    [InlineData("FFFFFFFF0F" + "08616263", null)] // claims 4 GiB
    [InlineData("FFFFFFFF1F", null)] // length of more than 32 bits
    [InlineData("80", null)]
    [InlineData("", null)]
    [InlineData("0000", null)] // bytes after an empty block
    public void Decode_FollowsTheFormat_ElementByElement(string hex, string? expected)
    {
        var block = Convert.FromHexString(hex);
        using var plain = new PooledBufferWriter();
        if (expected is null)
        {
            Should.Throw<ProtocolException>(() => Codec.Decompress(block, plain)).ErrorCode.ShouldBe(ErrorCode.CorruptMessage);
            return;
        }

        Codec.Decompress(block, plain);
        System.Text.Encoding.ASCII.GetString(plain.WrittenSpan).ShouldBe(expected);
    }

    [Theory]
    [InlineData("00000003", "within a block")]
    [InlineData("000000", "within a length")]
    [InlineData("FFFFFFFF", "negative length")]
    [InlineData("7FFFFFFF0000", "huge length")]
    [InlineData("00000000", "empty block without its length")]
    public void Decompress_Throws_WhenTheFramingIsWrong(string afterHeader, string why)
    {
        using var plain = new PooledBufferWriter();
        var bytes = Convert.FromHexString("82534E41505059000000000100000001" + afterHeader);
        Should.Throw<ProtocolException>(() => Codec.Decompress(bytes, plain), why).ErrorCode.ShouldBe(ErrorCode.CorruptMessage);
    }

    [Fact]
    public void Decompress_ReadsConcatenatedStreams_AsSnappyJavaDoes()
    {
        using var compressed = new PooledBufferWriter();
        Codec.Compress("one "u8, compressed);
        Codec.Compress("two"u8, compressed);
        using var plain = new PooledBufferWriter();
        Codec.Decompress(compressed.WrittenSpan, plain);
        plain.WrittenSpan.SequenceEqual("one two"u8).ShouldBeTrue();
    }
}
