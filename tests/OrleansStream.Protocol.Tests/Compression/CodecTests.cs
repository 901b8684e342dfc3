using System.Text;
using OrleansStream.Protocol.Compression;
using OrleansStream.Protocol.Records;

namespace OrleansStream.Protocol.Tests.Compression;

public sealed class CodecTests
{
    public static TheoryData<CompressionType> Types => [CompressionType.Gzip, CompressionType.Snappy, CompressionType.Lz4, CompressionType.Zstd];

    [Theory]
    [MemberData(nameof(Types))]
    public void RoundTrip_GivesTheOriginal_ForAnySizeAndContent(CompressionType type)
    {
        var codec = CompressionCodecs.Get(type);
        codec.Type.ShouldBe(type);
        var random = new Random(17);
        foreach (var length in new[] { 0, 1, 2, 15, 16, 17, 1000, 32_767, 32_768, 32_769, 65_535, 65_536, 65_537, 131_072, 1_000_000, 5_000_000 })
        {
            var noise = new byte[length];
            random.NextBytes(noise);
            foreach (var plain in new[] { noise, Text(length), new byte[length] })
            {
                using var compressed = new PooledBufferWriter();
                using var decompressed = new PooledBufferWriter();
                codec.Compress(plain, compressed);
                codec.Decompress(compressed.WrittenSpan, decompressed);
                decompressed.WrittenSpan.SequenceEqual(plain).ShouldBeTrue($"{length} bytes");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void RoundTrip_GivesTheOriginal_AtEveryLevel(CompressionType type)
    {
        var codec = CompressionCodecs.Get(type);
        var plain = Text(20_000);
        for (var level = codec.MinLevel; level <= codec.MaxLevel; level++)
        {
            using var compressed = new PooledBufferWriter();
            using var decompressed = new PooledBufferWriter();
            codec.Compress(plain, compressed, level);
            codec.Decompress(compressed.WrittenSpan, decompressed);
            decompressed.WrittenSpan.SequenceEqual(plain).ShouldBeTrue($"level {level}");
        }

        using var writer = new PooledBufferWriter();
        Should.Throw<ArgumentOutOfRangeException>(() => codec.Compress(plain, writer, codec.MaxLevel + 1)).Message.ShouldContain($"{codec.MinLevel} to {codec.MaxLevel}");
        Should.Throw<ArgumentOutOfRangeException>(() => codec.Compress(plain, writer, codec.MinLevel - 1));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public async Task Codec_GivesTheOriginal_WhenUsedFromManyThreadsAsync(CompressionType type)
    {
        var codec = CompressionCodecs.Get(type);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() =>
        {
            var plain = Text(10_000 + i);
            for (var round = 0; round < 30; round++)
            {
                using var compressed = new PooledBufferWriter();
                using var decompressed = new PooledBufferWriter();
                codec.Compress(plain, compressed);
                Should.Throw<ProtocolException>(() => codec.Decompress(compressed.WrittenSpan[..^3], decompressed));
                decompressed.Clear();
                codec.Decompress(compressed.WrittenSpan, decompressed);
                decompressed.WrittenSpan.SequenceEqual(plain).ShouldBeTrue();
            }
        })));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Decompress_Throws_ForGarbage(CompressionType type)
    {
        var random = new Random(3);
        for (var i = 0; i < 500; i++)
        {
            var garbage = new byte[random.Next(200)];
            random.NextBytes(garbage);
            using var plain = new PooledBufferWriter(maxBytes: 1 << 20);
            try
            {
                CompressionCodecs.Get(type).Decompress(garbage, plain);
                type.ShouldBe(CompressionType.Snappy, "only bare snappy has no checksum or magic");
            }
            catch (ProtocolException exception)
            {
                exception.Message.ShouldNotBeNullOrWhiteSpace();
            }
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Open_RefusesABomb_BeforeItFillsTheMemory(CompressionType type)
    {
        var limits = new DecompressionLimits { MaxBytes = 1_000_000 };
        var batch = Bomb(type, 20_000_000);
        using var reader = new RecordReader(new RecordReaderOptions { DecompressionLimits = limits });
        Should.Throw<ProtocolException>(() => reader.Open(batch)).ErrorCode.ShouldBe(ErrorCode.MessageTooLarge);

        var asBroker = new RecordBatchLimits { MaxMessageBytes = int.MaxValue, Inspection = RecordInspection.All, DecompressionLimits = limits };
        RecordBatchValidator.Validate(batch, asBroker, 0).Error.ShouldBe(ErrorCode.MessageTooLarge);
    }

    [Fact]
    public void Open_RefusesABomb_WithTheDefaultLimits()
    {
        // 200 MB of zeros in less than 10 KB.
        using var reader = new RecordReader();
        Should.Throw<ProtocolException>(() => reader.Open(Bomb(CompressionType.Zstd, 200_000_000)))
            .Message.ShouldContain((16 * 1024 * 1024).ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData(100, 16 * 1024 * 1024)]
    [InlineData(20_000, 20_000_000)]
    [InlineData(1_000_000, 128 * 1024 * 1024)]
    public void MaxBytesFor_IsTheRatioBetweenFloorAndCeiling_ByDefault(int compressed, int expected) =>
        DecompressionLimits.Default.MaxBytesFor(compressed).ShouldBe(expected);

    [Theory]
    [InlineData(CompressionType.None)]
    [InlineData((CompressionType)5)]
    public void Get_Throws_WhenThereIsNoCodec(CompressionType type) =>
        Should.Throw<ArgumentOutOfRangeException>(() => CompressionCodecs.Get(type));

    [Fact]
    public void EnsureAvailable_Succeeds_WhereTheLibrariesAreInstalled()
    {
        foreach (var type in Enum.GetValues<CompressionType>())
        {
            Should.NotThrow(() => CompressionCodecs.EnsureAvailable(type));
        }
    }

    [Fact]
    public void LoadFirst_NamesLibraryAndPackage_WhenNoneOfTheNamesExists()
    {
        var exception = Should.Throw<CompressionUnavailableException>(() =>
            NativeLibraryResolver.LoadFirst(CompressionType.Zstd, "libzstd", "libzstd1", ["libno-such-library.so.1", "libno-such-library.so"]));
        exception.CompressionType.ShouldBe(CompressionType.Zstd);
        exception.ErrorCode.ShouldBe(ErrorCode.UnsupportedCompressionType);
        exception.Message.ShouldContain("libzstd");
        exception.Message.ShouldContain("apt-get install libzstd1");
    }

    [Fact]
    public void Lz4_WritesIndependentBlocks_AsKafkasJavaClientDemands()
    {
        using var compressed = new PooledBufferWriter();
        CompressionCodecs.Get(CompressionType.Lz4).Compress(Text(300_000), compressed);
        var header = compressed.WrittenSpan;
        Convert.ToHexString(header[..4]).ShouldBe("04224D18");
        (header[4] >> 6).ShouldBe(1, "version");
        (header[4] & 0x20).ShouldBe(0x20, "independent blocks");
        (header[5] >> 4).ShouldBe(4, "64 KiB");
    }

    [Fact]
    public void Zstd_ReadsTheStreamOfAnotherClient_WithoutContentSize()
    {
        // The records of a batch in the fixtures of KafkaJS.
        var compressed = Convert.FromBase64String(
            "KLUv/QBYJQkAlplBJKAlSQf/////56pvs0m5d9tSXkr6raW9E8np+IHTZKBqf1qeBDoANgA2AGhJTj7sRXeMseRMyrtHSpw6wBfXYB9PPydVlGgcTnajA7Sp4lPRlSM1mc5rjI5AQQJjdCVAURQAEARNuOeYfbo1/YapUrJ2x8IP5IRLEmE6a3oeOjB1M6LmdlNSNTcXC5RQeXiplhnK1OganYEqxWwosY7qtEpJK9YNWWi6LuWjTsnFFyNqLDxZDlF78cjEfMDoGNVeo0SvMavpKaAErDwcOWNutByFyeSS19yq+FLOFC2Rk0nr44XC9XlonZLDMnWAZvJDp3ZWLCzyk6NYwzXGFe2pKI3HIzGghAgA3NosDx4t2mRfSTF8FW0AK0YrXYxDf0OIAg==");
        using var plain = new PooledBufferWriter();
        CompressionCodecs.Get(CompressionType.Zstd).Decompress(compressed, plain);
        plain.WrittenCount.ShouldBe(459);
        Encoding.ASCII.GetString(plain.WrittenSpan[^13..^1]).ShouldBe(" est laborum");
    }

    private static byte[] Bomb(CompressionType type, int plainBytes)
    {
        using var compressed = new PooledBufferWriter();
        CompressionCodecs.Get(type).Compress(new byte[plainBytes], compressed);
        return new Records.ReferenceBatch { Attributes = (short)type, RecordCount = 1, LastOffsetDelta = 0, Body = compressed.WrittenSpan.ToArray() }.ToArray();
    }

    internal static byte[] Text(int length)
    {
        var text = new StringBuilder(length + 100);
        for (var i = 0; text.Length < length; i++)
        {
            text.Append("line ").Append(i).Append(" of the text, value ").Append((i * 7919) % 1000).Append('\n');
        }

        return Encoding.ASCII.GetBytes(text.ToString(0, length));
    }
}
