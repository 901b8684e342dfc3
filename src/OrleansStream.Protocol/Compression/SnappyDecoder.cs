using System.Buffers.Binary;

namespace OrleansStream.Protocol.Compression;

/// <summary>
/// Decodes one Snappy block ("Snappy compressed format description") straight into the destination, with every length
/// and distance checked.
/// </summary>
internal static class SnappyDecoder
{
    public static void Decode(ReadOnlySpan<byte> source, PooledBufferWriter destination)
    {
        if (!VarInt.TryReadUInt32(source, out var length, out var position))
        {
            Malformed.Corrupt("The snappy block ends within its length.");
        }

        // An element takes at least a byte and a copy gives at most 64, so the claim is bounded by what is there.
        if (length > (long)source.Length * 64)
        {
            Malformed.Corrupt($"A snappy block of {source.Length} bytes claims to hold {length} bytes; at most {source.Length * 64L} are possible.");
        }

        if (length == 0)
        {
            RequireEnd(position, source.Length, 0, 0);
            return;
        }

        var target = destination.GetSpan((int)length)[..(int)length];
        var written = 0;
        while (position < source.Length)
        {
            var tag = source[position++];
            if ((tag & 3) == 0)
            {
                var size = ReadLiteralLength(source, ref position, tag);
                if (size > source.Length - position || size > target.Length - written)
                {
                    Malformed.Corrupt($"A snappy literal of {size} bytes goes beyond its block.");
                }

                source.Slice(position, (int)size).CopyTo(target[written..]);
                position += (int)size;
                written += (int)size;
            }
            else
            {
                written += Copy(target, written, source, ref position, tag);
            }
        }

        RequireEnd(position, source.Length, written, target.Length);
        destination.Advance(written);
    }

    private static long ReadLiteralLength(ReadOnlySpan<byte> source, ref int position, byte tag)
    {
        var code = tag >> 2;
        if (code < 60)
        {
            return code + 1;
        }

        var bytes = code - 59;
        if (bytes > source.Length - position)
        {
            Malformed.Corrupt("A snappy block ends within the length of a literal.");
        }

        long size = 0;
        for (var i = 0; i < bytes; i++)
        {
            size |= (long)source[position++] << (8 * i);
        }

        return size + 1;
    }

    private static int Copy(Span<byte> target, int written, ReadOnlySpan<byte> source, ref int position, byte tag)
    {
        var offsetBytes = (tag & 3) switch { 1 => 1, 2 => 2, _ => 4 };
        if (offsetBytes > source.Length - position)
        {
            Malformed.Corrupt("A snappy block ends within a copy.");
        }

        int size;
        uint distance;
        switch (offsetBytes)
        {
            case 1:
                size = 4 + ((tag >> 2) & 7);
                distance = ((uint)(tag >> 5) << 8) | source[position];
                break;
            case 2:
                size = 1 + (tag >> 2);
                distance = BinaryPrimitives.ReadUInt16LittleEndian(source[position..]);
                break;
            default:
                size = 1 + (tag >> 2);
                distance = BinaryPrimitives.ReadUInt32LittleEndian(source[position..]);
                break;
        }

        position += offsetBytes;
        if (distance == 0 || distance > written || size > target.Length - written)
        {
            Malformed.Corrupt($"A snappy copy of {size} bytes from {distance} bytes back goes beyond its block.");
        }

        var from = written - (int)distance;
        if (distance >= size)
        {
            target.Slice(from, size).CopyTo(target[written..]);
        }
        else
        {
            // The copy reads what it writes: the pattern repeats.
            for (var i = 0; i < size; i++)
            {
                target[written + i] = target[from + i];
            }
        }

        return size;
    }

    private static void RequireEnd(int position, int sourceLength, int written, int length)
    {
        if (position != sourceLength || written != length)
        {
            Malformed.Corrupt($"A snappy block gives {written} of {length} bytes and has {sourceLength - position} bytes left.");
        }
    }
}
