namespace OrleansStream.Protocol.Checksums;

/// <summary>CRC-32C without a processor's help.</summary>
internal static class Crc32CSoftware
{
    /// <summary>The polynomial 0x1EDC6F41, bits reflected.</summary>
    public const uint Polynomial = 0x82F63B78;

    private static readonly SlicingCrc32 Crc = new(Polynomial);

    /// <summary>Advances the (inverted) state over <paramref name="data"/>.</summary>
    public static uint Update(uint state, ReadOnlySpan<byte> data) => Crc.Update(state, data);
}
