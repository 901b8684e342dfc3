namespace OrleansStream.Protocol.Tests.Checksums;

/// <summary>The definition of CRC-32C, bit by bit: slow, and independent of the product's code.</summary>
internal static class BitwiseCrc32C
{
    public static uint Compute(ReadOnlySpan<byte> data) => ~Update(~0u, data);

    public static uint Update(uint state, ReadOnlySpan<byte> data)
    {
        foreach (var b in data)
        {
            state ^= b;
            for (var bit = 0; bit < 8; bit++)
            {
                state = (state & 1) != 0 ? (state >> 1) ^ 0x82F63B78u : state >> 1;
            }
        }

        return state;
    }
}
