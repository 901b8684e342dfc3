namespace OrleansStream.Protocol.Compression;

/// <summary>What a compressed batch may expand to: a small hostile batch must not fill the memory.</summary>
public sealed record DecompressionLimits
{
    /// <summary>128 MiB, and 1,000 times the compressed size once 16 MiB are passed.</summary>
    public static DecompressionLimits Default { get; } = new();

    /// <summary>The most bytes that any batch may expand to.</summary>
    public int MaxBytes { get; init; } = 128 * 1024 * 1024;

    /// <summary>The largest ratio of plain to compressed bytes, beyond <see cref="RatioFreeBytes"/>.</summary>
    public int MaxRatio { get; init; } = 1000;

    /// <summary>Up to here the ratio is not looked at: honest small batches of equal records compress very well.</summary>
    public int RatioFreeBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>The most bytes that <paramref name="compressedBytes"/> may expand to.</summary>
    public int MaxBytesFor(int compressedBytes) =>
        (int)Math.Min(MaxBytes, Math.Max(RatioFreeBytes, (long)compressedBytes * MaxRatio));
}
