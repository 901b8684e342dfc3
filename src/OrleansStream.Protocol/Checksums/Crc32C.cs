using System.Runtime.CompilerServices;

namespace OrleansStream.Protocol.Checksums;

/// <summary>
/// CRC-32C (Castagnoli, RFC 3720 appendix B.4): the checksum of record batches. Uses the processor's CRC instruction
/// in three interleaved streams where there is one, else tables (slicing by eight).
/// </summary>
public static class Crc32C
{
    /// <summary>The checksum of <paramref name="data"/>.</summary>
    public static uint Compute(ReadOnlySpan<byte> data) => Append(0, data);

    /// <summary>
    /// Continues a checksum: <c>Append(Compute(a), b)</c> is the checksum of a followed by b.
    /// </summary>
    /// <param name="crc">The checksum of what came before, 0 for nothing.</param>
    /// <param name="data">What follows.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Append(uint crc, ReadOnlySpan<byte> data)
    {
        if (!Crc32CHardware.IsSupported)
        {
            return ~Crc32CSoftware.Update(~crc, data);
        }

        return Crc32CHardware.CanInterleave && data.Length >= Crc32CHardware.MinInterleavedBytes
            ? ~Crc32CHardware.UpdateInterleaved(~crc, data)
            : ~Crc32CHardware.Update(~crc, data);
    }
}
