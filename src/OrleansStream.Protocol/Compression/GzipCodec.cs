using System.Buffers.Binary;
using System.IO.Compression;
using OrleansStream.Protocol.Checksums;

namespace OrleansStream.Protocol.Compression;

/// <summary>gzip (RFC 1952) by the framework. Levels 0 to 9 as zlib has them.</summary>
internal sealed class GzipCodec : ICompressionCodec
{
    /// <summary>The trailer of a member: CRC-32 and length of its plain bytes.</summary>
    private const int TrailerBytes = 8;

    private const int DecompressStep = 64 * 1024;

    public static readonly GzipCodec Instance = new();

    /// <summary>The CRC of gzip: polynomial 0x04C11DB7.</summary>
    private static readonly SlicingCrc32 Crc = new(0xEDB88320);

    public CompressionType Type => CompressionType.Gzip;

    public int MinLevel => 0;

    public int MaxLevel => 9;

    public int DefaultLevel => 6;

    /// <summary>A member without plain bytes, which the framework's stream does not write.</summary>
    private static ReadOnlySpan<byte> EmptyMember => [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    public void Compress(ReadOnlySpan<byte> source, PooledBufferWriter destination, int? level = null)
    {
        var options = new ZLibCompressionOptions { CompressionLevel = CompressionCodecs.ResolveLevel(this, level) };
        var stream = new BufferWriterStream(destination);
        if (source.IsEmpty)
        {
            stream.Write(EmptyMember);
            return;
        }

        using var gzip = new GZipStream(stream, options);
        gzip.Write(source);
    }

    public unsafe void Decompress(ReadOnlySpan<byte> source, PooledBufferWriter destination)
    {
        if (source.Length < EmptyMember.Length)
        {
            Malformed.Corrupt($"The gzip data ends after {source.Length} bytes; a member has at least {EmptyMember.Length}.");
        }

        var start = destination.WrittenCount;
        fixed (byte* first = source)
        {
            using var input = new UnmanagedMemoryStream(first, source.Length);
            using var gzip = new GZipStream(input, CompressionMode.Decompress);
            try
            {
                int read;
                while ((read = gzip.Read(destination.GetSpanUpTo(DecompressStep))) > 0)
                {
                    destination.Advance(read);
                }
            }
            catch (InvalidDataException exception)
            {
                throw new ProtocolException(ErrorCode.CorruptMessage, $"The gzip data is malformed: {exception.Message}", exception);
            }
        }

        RequireTrailer(source, destination.WrittenSpan[start..]);
    }

    /// <summary>
    /// The framework's stream checks members that are whole, but takes data that ends within a member, or that something
    /// else follows, for complete. So the last bytes must be the trailer of the last member: its length, and the CRC of
    /// as many bytes.
    /// </summary>
    private static void RequireTrailer(ReadOnlySpan<byte> source, ReadOnlySpan<byte> plain)
    {
        var crc = BinaryPrimitives.ReadUInt32LittleEndian(source[^TrailerBytes..]);
        var length = BinaryPrimitives.ReadUInt32LittleEndian(source[^sizeof(uint)..]);
        if (length > plain.Length || ~Crc.Update(~0u, plain[^(int)length..]) != crc)
        {
            Malformed.Corrupt("The gzip data ends within a member, or something else follows the last one.");
        }
    }
}
