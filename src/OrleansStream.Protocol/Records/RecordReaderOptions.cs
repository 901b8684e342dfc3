using OrleansStream.Protocol.Compression;

namespace OrleansStream.Protocol.Records;

/// <summary>What a <see cref="RecordReader"/> checks and allows.</summary>
public sealed record RecordReaderOptions
{
    /// <summary>CRC checked, <see cref="DecompressionLimits.Default"/>.</summary>
    public static RecordReaderOptions Default { get; } = new();

    /// <summary>Verify the batch's CRC before anything else (check.crcs); on by default.</summary>
    public bool CheckCrc { get; init; } = true;

    /// <summary>What a compressed batch may expand to.</summary>
    public DecompressionLimits DecompressionLimits { get; init; } = DecompressionLimits.Default;
}
