using System.Security.Cryptography;
using OrleansStream.Protocol.Compression;

namespace OrleansStream.Protocol.Tests.Compression;

/// <summary>
/// Reads what the tools lz4 1.9, zstd 1.5 and gzip 1.12 wrote of the same 150,000 bytes, in the variants of each format
/// (Golden/README.md).
/// </summary>
public sealed class GoldenFileTests
{
    private const int PlainBytes = 150_000;
    private const string PlainSha256 = "fc647eb9ab29bfd00b705f0d4b6dbfa4612cacbb59a7a134b416a43589a6fa18";

    [Theory]
    [InlineData("independent-blocks.lz4")]
    [InlineData("linked-blocks.lz4")]
    [InlineData("content-size.lz4")]
    [InlineData("block-checksums.lz4")]
    [InlineData("stdin.lz4")]
    [InlineData("two-frames.lz4")]
    [InlineData("content-size.zst")]
    [InlineData("no-content-size.zst")]
    [InlineData("no-checksum.zst")]
    [InlineData("window-128mib.zst")]
    [InlineData("two-frames.zst")]
    [InlineData("no-name.gz")]
    [InlineData("named.gz")]
    [InlineData("two-members.gz")]
    public void Decompress_GivesTheOriginal_OfTheToolsFile(string file)
    {
        using var plain = new PooledBufferWriter();
        Codec(file).Decompress(Read(file), plain);
        plain.WrittenCount.ShouldBe(PlainBytes);
        Convert.ToHexStringLower(SHA256.HashData(plain.WrittenSpan)).ShouldBe(PlainSha256);
    }

    [Theory]
    [InlineData("independent-blocks.lz4")]
    [InlineData("linked-blocks.lz4")]
    [InlineData("content-size.zst")]
    [InlineData("no-content-size.zst")]
    [InlineData("no-name.gz")]
    public void Decompress_Throws_WhenTheFileIsCutOffAnywhere(string file)
    {
        var compressed = Read(file);
        using var plain = new PooledBufferWriter();
        for (var length = 0; length < compressed.Length; length += length < 64 || length > compressed.Length - 16 ? 1 : 97)
        {
            plain.Clear();
            Should.Throw<ProtocolException>(() => Codec(file).Decompress(compressed.AsSpan(0, length), plain), $"{length} of {compressed.Length} bytes")
                .ErrorCode.ShouldBe(ErrorCode.CorruptMessage);
        }
    }

    [Theory]
    [InlineData("independent-blocks.lz4")]
    [InlineData("content-size.zst")]
    [InlineData("no-content-size.zst")]
    [InlineData("no-name.gz")]
    public void Decompress_StopsAtTheLimit_ToTheByte(string file)
    {
        using var enough = new PooledBufferWriter(maxBytes: PlainBytes);
        Codec(file).Decompress(Read(file), enough);
        enough.WrittenCount.ShouldBe(PlainBytes);
        foreach (var limit in new[] { 0, 1, 1000, 65_536, PlainBytes - 1 })
        {
            using var tooSmall = new PooledBufferWriter(maxBytes: limit);
            Should.Throw<ProtocolException>(() => Codec(file).Decompress(Read(file), tooSmall), $"limit {limit}").ErrorCode.ShouldBe(ErrorCode.MessageTooLarge);
            tooSmall.WrittenCount.ShouldBeLessThanOrEqualTo(limit);
        }
    }

    [Fact]
    public void Decompress_Throws_WhenAZstdWindowWouldTakeTwoGigabytes()
    {
        using var plain = new PooledBufferWriter();
        Should.Throw<ProtocolException>(() => Codec("x.zst").Decompress(Read("window-2gib.zst"), plain)).Message.ShouldContain("memory");
    }

    [Theory]
    [InlineData("independent-blocks.lz4")]
    [InlineData("content-size.zst")]
    [InlineData("no-name.gz")]
    public void Decompress_NeverGivesWrongBytes_WhenABitOfACheckedFileIsFlipped(string file)
    {
        var compressed = Read(file);
        using var plain = new PooledBufferWriter(maxBytes: 10 * PlainBytes);
        for (var position = 0; position < compressed.Length; position += 37)
        {
            var flipped = (byte[])compressed.Clone();
            flipped[position] ^= (byte)(1 << (position % 8));
            plain.Clear();
            try
            {
                Codec(file).Decompress(flipped, plain);
                Convert.ToHexStringLower(SHA256.HashData(plain.WrittenSpan)).ShouldBe(PlainSha256, $"byte {position}");
            }
            catch (ProtocolException exception)
            {
                exception.Message.ShouldNotBeNullOrWhiteSpace();
            }
        }
    }

    internal static ICompressionCodec Codec(string file) => CompressionCodecs.Get(Path.GetExtension(file) switch
    {
        ".lz4" => CompressionType.Lz4,
        ".zst" => CompressionType.Zstd,
        _ => CompressionType.Gzip,
    });

    internal static byte[] Read(string file) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Compression", "Golden", file));
}
