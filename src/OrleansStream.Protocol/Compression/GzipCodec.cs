using System.IO.Compression;

namespace OrleansStream.Protocol.Compression;

/// <summary>gzip (RFC 1952) by the framework. Levels 0 to 9 as zlib has them.</summary>
internal sealed class GzipCodec : ICompressionCodec
{
    /// <summary>A gzip member takes at least a header of 10 bytes, an empty deflate stream of 2 and a trailer of 8.</summary>
    private const int MinMemberBytes = 20;

    private const int DecompressStep = 64 * 1024;

    public static readonly GzipCodec Instance = new();

    public CompressionType Type => CompressionType.Gzip;

    public int MinLevel => 0;

    public int MaxLevel => 9;

    public int DefaultLevel => 6;

    public void Compress(ReadOnlySpan<byte> source, PooledBufferWriter destination, int? level = null)
    {
        var options = new ZLibCompressionOptions { CompressionLevel = CompressionCodecs.ResolveLevel(this, level) };
        using var gzip = new GZipStream(new BufferWriterStream(destination), options);
        gzip.Write(source);
    }

    public unsafe void Decompress(ReadOnlySpan<byte> source, PooledBufferWriter destination)
    {
        if (source.Length < MinMemberBytes)
        {
            Malformed.Corrupt($"The gzip data ends after {source.Length} bytes; a member has at least {MinMemberBytes}.");
        }

        fixed (byte* start = source)
        {
            using var input = new UnmanagedMemoryStream(start, source.Length);
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
    }
}
