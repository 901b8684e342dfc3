using System.Buffers.Binary;
using IronSnappy;

namespace OrleansStream.Protocol.Compression;

/// <summary>
/// Snappy in the framing of snappy-java ("xerial"), as Kafka's Java client writes it: a header of 16 bytes, then blocks,
/// each with its compressed length in four bytes. Reads bare Snappy blocks as well, as some clients write them.
/// Snappy has no levels.
/// </summary>
internal sealed class SnappyCodec : ICompressionCodec
{
    /// <summary>Kafka's block size: the window of the format is 64 KiB, larger blocks gain nothing.</summary>
    private const int BlockBytes = 32 * 1024;

    private const int HeaderBytes = 16;
    private const int FormatVersion = 1;

    public static readonly SnappyCodec Instance = new();

    private static ReadOnlySpan<byte> Magic => [0x82, (byte)'S', (byte)'N', (byte)'A', (byte)'P', (byte)'P', (byte)'Y', 0];

    public CompressionType Type => CompressionType.Snappy;

    public int MinLevel => 0;

    public int MaxLevel => 0;

    public int DefaultLevel => 0;

    public void Compress(ReadOnlySpan<byte> source, PooledBufferWriter destination, int? level = null)
    {
        CompressionCodecs.ResolveLevel(this, level);
        var header = destination.GetSpan(HeaderBytes);
        Magic.CopyTo(header);
        BinaryPrimitives.WriteInt32BigEndian(header[8..], FormatVersion);
        BinaryPrimitives.WriteInt32BigEndian(header[12..], FormatVersion);
        destination.Advance(HeaderBytes);
        while (source.Length > 0)
        {
            var block = source[..Math.Min(source.Length, BlockBytes)];
            var compressed = Snappy.Encode(block);
            var target = destination.GetSpan(sizeof(int) + compressed.Length);
            BinaryPrimitives.WriteInt32BigEndian(target, compressed.Length);
            compressed.CopyTo(target[sizeof(int)..]);
            destination.Advance(sizeof(int) + compressed.Length);
            source = source[block.Length..];
        }
    }

    public void Decompress(ReadOnlySpan<byte> source, PooledBufferWriter destination)
    {
        if (source.Length < HeaderBytes || !source.StartsWith(Magic))
        {
            SnappyDecoder.Decode(source, destination);
            return;
        }

        source = source[HeaderBytes..];
        while (source.Length > 0)
        {
            // A stream that was appended to starts with the header again.
            if (source.Length >= HeaderBytes && source.StartsWith(Magic))
            {
                source = source[HeaderBytes..];
                continue;
            }

            if (source.Length < sizeof(int))
            {
                Malformed.Corrupt($"The snappy data ends within the length of a block: {source.Length} bytes are left, 4 are needed.");
            }

            var length = BinaryPrimitives.ReadInt32BigEndian(source);
            if (length < 0 || length > source.Length - sizeof(int))
            {
                Malformed.Corrupt($"A snappy block has the length {length}; 0 to {source.Length - sizeof(int)} (what is left) are possible.");
            }

            SnappyDecoder.Decode(source.Slice(sizeof(int), length), destination);
            source = source[(sizeof(int) + length)..];
        }
    }
}
