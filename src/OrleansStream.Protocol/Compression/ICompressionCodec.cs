namespace OrleansStream.Protocol.Compression;

/// <summary>Compresses and decompresses the records of a batch. All codecs are thread-safe.</summary>
public interface ICompressionCodec
{
    /// <summary>What the codec writes and reads.</summary>
    CompressionType Type { get; }

    /// <summary>The smallest level.</summary>
    int MinLevel { get; }

    /// <summary>The largest level.</summary>
    int MaxLevel { get; }

    /// <summary>The level that is used when none is given.</summary>
    int DefaultLevel { get; }

    /// <summary>Compresses <paramref name="source"/> and appends the result to <paramref name="destination"/>.</summary>
    /// <param name="source">The plain bytes.</param>
    /// <param name="destination">Where the compressed bytes go.</param>
    /// <param name="level">Between <see cref="MinLevel"/> and <see cref="MaxLevel"/>; null for <see cref="DefaultLevel"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The level does not exist.</exception>
    /// <exception cref="CompressionUnavailableException">The library that this takes is not installed.</exception>
    void Compress(ReadOnlySpan<byte> source, PooledBufferWriter destination, int? level = null);

    /// <summary>
    /// Decompresses all of <paramref name="source"/> and appends the result to <paramref name="destination"/>, whose
    /// <see cref="PooledBufferWriter.MaxBytes"/> bounds it: memory is used in proportion to what comes out, never to
    /// what the source claims.
    /// </summary>
    /// <exception cref="ProtocolException">
    /// <see cref="ErrorCode.CorruptMessage"/>: the source is malformed or ends too early;
    /// <see cref="ErrorCode.MessageTooLarge"/>: the result passes the bound.
    /// </exception>
    /// <exception cref="CompressionUnavailableException">The library that this takes is not installed.</exception>
    void Decompress(ReadOnlySpan<byte> source, PooledBufferWriter destination);
}
