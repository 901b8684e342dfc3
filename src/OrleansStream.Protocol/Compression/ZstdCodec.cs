using System.Runtime.InteropServices;

namespace OrleansStream.Protocol.Compression;

/// <summary>
/// Zstandard (RFC 8878, KIP-110) by the system's libzstd. Levels −7 (fastest) to 22; 3 is zstd's own default.
/// Frames whose window is over 128 MiB (--ultra --long) are refused, as zstd itself does.
/// </summary>
internal sealed unsafe class ZstdCodec : ICompressionCodec
{
    private const int DecompressStep = 64 * 1024;

    /// <summary>2^27 bytes: zstd's own default, and what level 22 writes.</summary>
    private const int MaxWindowLog = 27;

    /// <summary>A context that grew beyond this is not kept.</summary>
    private const int MaxKeptContextBytes = 16 * 1024 * 1024;

    public static readonly ZstdCodec Instance = new();

    private readonly NativeContextPool<ZstdLibrary.CompressionContext> _compressors = new(static () => new ZstdLibrary.CompressionContext());
    private readonly NativeContextPool<ZstdLibrary.DecompressionContext> _decompressors = new(CreateDecompressor);

    public CompressionType Type => CompressionType.Zstd;

    public int MinLevel => -7;

    public int MaxLevel => 22;

    public int DefaultLevel => 3;

    public void Compress(ReadOnlySpan<byte> source, PooledBufferWriter destination, int? level = null)
    {
        var chosen = CompressionCodecs.ResolveLevel(this, level);
        var target = destination.GetSpan(checked((int)ZstdLibrary.CompressBound((nuint)source.Length)));
        var context = _compressors.Rent();
        nuint size;
        try
        {
            fixed (byte* from = source)
            fixed (byte* to = target)
            {
                size = ZstdLibrary.Compress(context.DangerousGetHandle(), to, (nuint)target.Length, from, (nuint)source.Length, chosen);
            }
        }
        finally
        {
            Recycle(_compressors, context, ZstdLibrary.SizeOfCompressionContext(context.DangerousGetHandle()));
        }

        if (ZstdLibrary.IsError(size) != 0)
        {
            throw new InvalidOperationException($"libzstd cannot compress {source.Length} bytes: {ZstdLibrary.ErrorName(size)}.");
        }

        destination.Advance((int)size);
    }

    public void Decompress(ReadOnlySpan<byte> source, PooledBufferWriter destination)
    {
        var context = _decompressors.Rent();
        try
        {
            DecompressFrames(context.DangerousGetHandle(), source, destination);
        }
        finally
        {
            ZstdLibrary.ResetDecompressionContext(context.DangerousGetHandle(), ZstdLibrary.ResetSessionOnly);
            Recycle(_decompressors, context, ZstdLibrary.SizeOfDecompressionContext(context.DangerousGetHandle()));
        }
    }

    private static ZstdLibrary.DecompressionContext CreateDecompressor()
    {
        var context = new ZstdLibrary.DecompressionContext();
        ZstdLibrary.SetDecompressionParameter(context.DangerousGetHandle(), ZstdLibrary.WindowLogMax, MaxWindowLog);
        return context;
    }

    private static void Recycle<T>(NativeContextPool<T> pool, T context, nuint size)
        where T : SafeHandle
    {
        if (size > MaxKeptContextBytes)
        {
            context.Dispose();
        }
        else
        {
            pool.Return(context);
        }
    }

    private static void DecompressFrames(nint context, ReadOnlySpan<byte> source, PooledBufferWriter destination)
    {
        fixed (byte* from = source)
        {
            var input = new ZstdLibrary.Buffer { Start = from, Size = (nuint)source.Length };
            var frameEnded = false;
            while (!frameEnded || input.Position < input.Size)
            {
                var target = destination.GetSpanUpTo(DecompressStep);
                var taken = input.Position;
                nuint hint;
                ZstdLibrary.Buffer output;
                fixed (byte* to = target)
                {
                    output = new ZstdLibrary.Buffer { Start = to, Size = (nuint)target.Length };
                    hint = ZstdLibrary.DecompressStream(context, &output, &input);
                }

                if (ZstdLibrary.IsError(hint) != 0)
                {
                    Malformed.Corrupt($"The zstd data is malformed: {ZstdLibrary.ErrorName(hint)}.");
                }

                destination.Advance((int)output.Position);
                frameEnded = hint == 0;
                if (!frameEnded && input.Position == taken && output.Position == 0)
                {
                    Malformed.Corrupt("The zstd data ends within a frame.");
                }
            }
        }
    }
}
