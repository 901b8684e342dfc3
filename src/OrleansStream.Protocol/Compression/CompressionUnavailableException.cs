namespace OrleansStream.Protocol.Compression;

/// <summary>The system library that a compression type takes is not installed; the message says how to get it.</summary>
public sealed class CompressionUnavailableException : Exception
{
    /// <summary>Creates the exception.</summary>
    public CompressionUnavailableException(CompressionType type, string message)
        : base(message) => CompressionType = type;

    /// <summary>What cannot be compressed or decompressed.</summary>
    public CompressionType CompressionType { get; }

    /// <summary>The code to answer with: <see cref="ErrorCode.UnsupportedCompressionType"/>.</summary>
    public ErrorCode ErrorCode => ErrorCode.UnsupportedCompressionType;
}
