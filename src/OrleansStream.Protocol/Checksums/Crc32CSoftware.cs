using System.Buffers.Binary;

namespace OrleansStream.Protocol.Checksums;

/// <summary>Slicing by eight: one look-up in each of eight tables per eight bytes.</summary>
internal static class Crc32CSoftware
{
    /// <summary>The polynomial 0x1EDC6F41, bits reflected.</summary>
    public const uint Polynomial = 0x82F63B78;

    private static readonly uint[] Tables = BuildTables();

    /// <summary>Advances the (inverted) state over <paramref name="data"/>.</summary>
    public static uint Update(uint state, ReadOnlySpan<byte> data)
    {
        var tables = Tables.AsSpan(0, 8 * 256);
        while (data.Length >= 8)
        {
            var low = BinaryPrimitives.ReadUInt32LittleEndian(data) ^ state;
            var high = BinaryPrimitives.ReadUInt32LittleEndian(data[4..]);
            state = tables[(7 * 256) + (int)(low & 0xff)]
                ^ tables[(6 * 256) + (int)((low >> 8) & 0xff)]
                ^ tables[(5 * 256) + (int)((low >> 16) & 0xff)]
                ^ tables[(4 * 256) + (int)(low >> 24)]
                ^ tables[(3 * 256) + (int)(high & 0xff)]
                ^ tables[(2 * 256) + (int)((high >> 8) & 0xff)]
                ^ tables[256 + (int)((high >> 16) & 0xff)]
                ^ tables[(int)(high >> 24)];
            data = data[8..];
        }

        foreach (var b in data)
        {
            state = (state >> 8) ^ tables[(int)((state ^ b) & 0xff)];
        }

        return state;
    }

    private static uint[] BuildTables()
    {
        var tables = new uint[8 * 256];
        for (var i = 0; i < 256; i++)
        {
            var value = (uint)i;
            for (var bit = 0; bit < 8; bit++)
            {
                value = (value >> 1) ^ ((value & 1) != 0 ? Polynomial : 0);
            }

            tables[i] = value;
        }

        for (var i = 256; i < tables.Length; i++)
        {
            var previous = tables[i - 256];
            tables[i] = (previous >> 8) ^ tables[previous & 0xff];
        }

        return tables;
    }
}
