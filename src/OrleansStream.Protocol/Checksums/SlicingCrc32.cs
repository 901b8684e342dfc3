using System.Buffers.Binary;

namespace OrleansStream.Protocol.Checksums;

/// <summary>Any reflected 32-bit CRC, slicing by eight: one look-up in each of eight tables per eight bytes.</summary>
internal sealed class SlicingCrc32
{
    private readonly uint[] _tables = new uint[8 * 256];

    /// <summary>Builds the tables.</summary>
    /// <param name="polynomial">The polynomial with its bits reflected.</param>
    public SlicingCrc32(uint polynomial)
    {
        for (var i = 0; i < 256; i++)
        {
            var value = (uint)i;
            for (var bit = 0; bit < 8; bit++)
            {
                value = (value >> 1) ^ ((value & 1) != 0 ? polynomial : 0);
            }

            _tables[i] = value;
        }

        for (var i = 256; i < _tables.Length; i++)
        {
            var previous = _tables[i - 256];
            _tables[i] = (previous >> 8) ^ _tables[previous & 0xff];
        }
    }

    /// <summary>Advances the (inverted) state over <paramref name="data"/>.</summary>
    public uint Update(uint state, ReadOnlySpan<byte> data)
    {
        var tables = _tables.AsSpan(0, 8 * 256);
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
}
