using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OrleansStream.Protocol;

/// <summary>
/// Kafka's variable-length integers: base-128 groups, least significant first, signed values zigzag-encoded
/// (as Protocol Buffers does). Reading is strict: an encoding that is longer than its value needs, or that does not fit
/// the type, is a <see cref="ProtocolException"/> with <see cref="ErrorCode.CorruptMessage"/>.
/// </summary>
public static class VarInt
{
    /// <summary>The most bytes that a 32-bit value takes.</summary>
    public const int MaxSizeOfInt32 = 5;

    /// <summary>The most bytes that a 64-bit value takes.</summary>
    public const int MaxSizeOfInt64 = 10;

    /// <summary>Bytes that <paramref name="value"/> takes as zigzag varint.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SizeOfInt32(int value) => SizeOfUInt32(ZigZag(value));

    /// <summary>Bytes that <paramref name="value"/> takes as zigzag varlong.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SizeOfInt64(long value) => SizeOfUInt64(ZigZag(value));

    /// <summary>Bytes that <paramref name="value"/> takes as unsigned varint.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SizeOfUInt32(uint value) => ((BitOperations.Log2(value | 1) * 9) + 73) >> 6;

    /// <summary>Bytes that <paramref name="value"/> takes as unsigned varlong.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SizeOfUInt64(ulong value) => ((BitOperations.Log2(value | 1) * 9) + 73) >> 6;

    /// <summary>Writes a zigzag varint and returns its size.</summary>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    public static int WriteInt32(Span<byte> destination, int value) => WriteUInt64(destination, ZigZag(value));

    /// <summary>Writes a zigzag varlong and returns its size.</summary>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    public static int WriteInt64(Span<byte> destination, long value) => WriteUInt64(destination, ZigZag(value));

    /// <summary>Writes an unsigned varint and returns its size.</summary>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    public static int WriteUInt32(Span<byte> destination, uint value) => WriteUInt64(destination, value);

    /// <summary>Writes an unsigned varlong and returns its size.</summary>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    public static int WriteUInt64(Span<byte> destination, ulong value)
    {
        var size = SizeOfUInt64(value);
        if (destination.Length < size)
        {
            throw new ArgumentException($"The varint {value} takes {size} bytes, there is room for {destination.Length}.", nameof(destination));
        }

        WriteUnchecked(ref MemoryMarshal.GetReference(destination), value);
        return size;
    }

    /// <summary>Reads a zigzag varint. False: <paramref name="source"/> ends before the value does.</summary>
    /// <exception cref="ProtocolException">Overlong or more than 32 bits.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryReadInt32(ReadOnlySpan<byte> source, out int value, out int bytesRead)
    {
        var read = TryReadUInt32(source, out var raw, out bytesRead);
        value = (int)(raw >> 1) ^ -(int)(raw & 1);
        return read;
    }

    /// <summary>Reads a zigzag varlong. False: <paramref name="source"/> ends before the value does.</summary>
    /// <exception cref="ProtocolException">Overlong or more than 64 bits.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryReadInt64(ReadOnlySpan<byte> source, out long value, out int bytesRead)
    {
        var read = TryReadUInt64(source, out var raw, out bytesRead);
        value = (long)(raw >> 1) ^ -(long)(raw & 1);
        return read;
    }

    /// <summary>Reads an unsigned varint. False: <paramref name="source"/> ends before the value does.</summary>
    /// <exception cref="ProtocolException">Overlong or more than 32 bits.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryReadUInt32(ReadOnlySpan<byte> source, out uint value, out int bytesRead)
    {
        if (source.Length > 0 && source[0] < 0x80)
        {
            value = source[0];
            bytesRead = 1;
            return true;
        }

        var read = TryReadLong(source, 32, out var raw, out bytesRead);
        value = (uint)raw;
        return read;
    }

    /// <summary>Reads an unsigned varlong. False: <paramref name="source"/> ends before the value does.</summary>
    /// <exception cref="ProtocolException">Overlong or more than 64 bits.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryReadUInt64(ReadOnlySpan<byte> source, out ulong value, out int bytesRead)
    {
        if (source.Length > 0 && source[0] < 0x80)
        {
            value = source[0];
            bytesRead = 1;
            return true;
        }

        return TryReadLong(source, 64, out value, out bytesRead);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static uint ZigZag(int value) => (uint)((value << 1) ^ (value >> 31));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));

    /// <summary>Writes without a bounds check (the caller has reserved the room) and returns the place after it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ref byte WriteUnchecked(ref byte destination, ulong value)
    {
        while (value >= 0x80)
        {
            destination = (byte)(value | 0x80);
            destination = ref Unsafe.Add(ref destination, 1);
            value >>= 7;
        }

        destination = (byte)value;
        return ref Unsafe.Add(ref destination, 1);
    }

    private static bool TryReadLong(ReadOnlySpan<byte> source, int bits, out ulong value, out int bytesRead)
    {
        value = 0;
        bytesRead = 0;
        var shift = 0;
        for (var i = 0; i < source.Length; i++, shift += 7)
        {
            var group = source[i];
            var payload = (ulong)(group & 0x7f);
            if (bits - shift < 7 && payload >> (bits - shift) != 0)
            {
                Malformed.Corrupt($"A varint does not fit {bits} bits (byte {i + 1} is 0x{group:x2}).");
            }

            value |= payload << shift;
            if (group < 0x80)
            {
                if (group == 0 && i > 0)
                {
                    Malformed.Corrupt($"A varint is overlong: {i + 1} bytes for the value {value}.");
                }

                bytesRead = i + 1;
                return true;
            }

            if (shift + 7 >= bits)
            {
                Malformed.Corrupt($"A varint has more than {i + 1} bytes, the most that {bits} bits take.");
            }
        }

        value = 0;
        return false;
    }
}
