namespace OrleansStream.Protocol.Compression;

/// <summary>
/// The LZ4 frame format by the system's liblz4. Writes independent blocks of 64 KiB without content size and checksums,
/// which all of Kafka's clients read (its Java client refuses linked blocks); reads every frame that liblz4 reads.
/// Levels: 0 (and 1, 2) fast, 3 to 12 high compression.
/// </summary>
internal sealed unsafe class Lz4Codec : ICompressionCodec
{
    private const int BlockSize64KiB = 4;
    private const int IndependentBlocks = 1;
    private const int DecompressStep = 64 * 1024;

    public static readonly Lz4Codec Instance = new();

    private readonly NativeContextPool<Lz4Library.DecompressionContext> _contexts = new(static () => new Lz4Library.DecompressionContext());

    public CompressionType Type => CompressionType.Lz4;

    public int MinLevel => 0;

    public int MaxLevel => 12;

    public int DefaultLevel => 0;

    public void Compress(ReadOnlySpan<byte> source, PooledBufferWriter destination, int? level = null)
    {
        var preferences = new Lz4Library.Preferences
        {
            BlockSizeId = BlockSize64KiB,
            BlockMode = IndependentBlocks,
            CompressionLevel = CompressionCodecs.ResolveLevel(this, level),
        };
        var bound = Lz4Library.CompressFrameBound((nuint)source.Length, &preferences);
        var target = destination.GetSpan(checked((int)bound));
        nuint size;
        fixed (byte* from = source)
        fixed (byte* to = target)
        {
            size = Lz4Library.CompressFrame(to, (nuint)target.Length, from, (nuint)source.Length, &preferences);
        }

        if (Lz4Library.IsError(size) != 0)
        {
            throw new InvalidOperationException($"liblz4 cannot compress {source.Length} bytes: {Lz4Library.ErrorName(size)}.");
        }

        destination.Advance((int)size);
    }

    public void Decompress(ReadOnlySpan<byte> source, PooledBufferWriter destination)
    {
        var context = _contexts.Rent();
        try
        {
            DecompressFrames(context.DangerousGetHandle(), source, destination);
        }
        finally
        {
            Lz4Library.ResetDecompressionContext(context.DangerousGetHandle());
            _contexts.Return(context);
        }
    }

    private static void DecompressFrames(nint context, ReadOnlySpan<byte> source, PooledBufferWriter destination)
    {
        var frameEnded = false;
        while (!frameEnded || source.Length > 0)
        {
            var target = destination.GetSpanUpTo(DecompressStep);
            var taken = (nuint)source.Length;
            var given = (nuint)target.Length;
            nuint hint;
            fixed (byte* from = source)
            fixed (byte* to = target)
            {
                hint = Lz4Library.Decompress(context, to, &given, from, &taken, null);
            }

            if (Lz4Library.IsError(hint) != 0)
            {
                Malformed.Corrupt($"The lz4 data is malformed: {Lz4Library.ErrorName(hint)}.");
            }

            destination.Advance((int)given);
            source = source[(int)taken..];
            frameEnded = hint == 0;
            if (!frameEnded && taken == 0 && given == 0)
            {
                Malformed.Corrupt("The lz4 data ends within a frame.");
            }
        }
    }
}
