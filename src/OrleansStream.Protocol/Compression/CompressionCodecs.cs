namespace OrleansStream.Protocol.Compression;

/// <summary>The codecs of Kafka's compression types.</summary>
public static class CompressionCodecs
{
    /// <summary>
    /// The codec of a type. Getting it always succeeds; using it throws <see cref="CompressionUnavailableException"/>
    /// where the system library for it is missing (lz4, zstd).
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="CompressionType.None"/>, or no type at all.</exception>
    public static ICompressionCodec Get(CompressionType type) => type switch
    {
        CompressionType.Gzip => GzipCodec.Instance,
        CompressionType.Snappy => SnappyCodec.Instance,
        CompressionType.Lz4 => Lz4Codec.Instance,
        CompressionType.Zstd => ZstdCodec.Instance,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Only gzip, snappy, lz4 and zstd have a codec."),
    };

    /// <summary>
    /// Throws early, with the package to install, if a type cannot be used on this machine: for checking a configuration.
    /// </summary>
    /// <exception cref="CompressionUnavailableException">The library that the type takes is not installed.</exception>
    public static void EnsureAvailable(CompressionType type)
    {
        switch (type)
        {
            case CompressionType.Lz4:
                Lz4Library.EnsureLoaded();
                break;
            case CompressionType.Zstd:
                ZstdLibrary.EnsureLoaded();
                break;
        }
    }

    internal static int ResolveLevel(ICompressionCodec codec, int? level)
    {
        var value = level ?? codec.DefaultLevel;
        return value >= codec.MinLevel && value <= codec.MaxLevel
            ? value
            : throw new ArgumentOutOfRangeException(nameof(level), value, $"{codec.Type} has the levels {codec.MinLevel} to {codec.MaxLevel}.");
    }
}
