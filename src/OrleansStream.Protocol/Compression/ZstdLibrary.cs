using System.Runtime.InteropServices;

namespace OrleansStream.Protocol.Compression;

/// <summary>The part of libzstd's stable API (zstd.h, 1.4 and later) that the codec calls.</summary>
internal static unsafe partial class ZstdLibrary
{
    /// <summary>ZSTD_reset_session_only.</summary>
    public const int ResetSessionOnly = 1;

    /// <summary>ZSTD_d_windowLogMax.</summary>
    public const int WindowLogMax = 100;

    static ZstdLibrary() => NativeLibraryResolver.Register();

    /// <summary>Loads the library or throws <see cref="CompressionUnavailableException"/>.</summary>
    public static void EnsureLoaded() => _ = VersionNumber();

    [LibraryImport(NativeLibraryResolver.Zstd, EntryPoint = "ZSTD_versionNumber")]
    public static partial uint VersionNumber();

    [LibraryImport(NativeLibraryResolver.Zstd, EntryPoint = "ZSTD_compressBound")]
    public static partial nuint CompressBound(nuint sourceSize);

    [LibraryImport(NativeLibraryResolver.Zstd, EntryPoint = "ZSTD_createCCtx")]
    public static partial nint CreateCompressionContext();

    [LibraryImport(NativeLibraryResolver.Zstd, EntryPoint = "ZSTD_freeCCtx")]
    public static partial nuint FreeCompressionContext(nint context);

    [LibraryImport(NativeLibraryResolver.Zstd, EntryPoint = "ZSTD_sizeof_CCtx")]
    public static partial nuint SizeOfCompressionContext(nint context);

    [LibraryImport(NativeLibraryResolver.Zstd, EntryPoint = "ZSTD_compressCCtx")]
    public static partial nuint Compress(nint context, byte* destination, nuint capacity, byte* source, nuint sourceSize, int level);

    [LibraryImport(NativeLibraryResolver.Zstd, EntryPoint = "ZSTD_createDCtx")]
    public static partial nint CreateDecompressionContext();

    [LibraryImport(NativeLibraryResolver.Zstd, EntryPoint = "ZSTD_freeDCtx")]
    public static partial nuint FreeDecompressionContext(nint context);

    [LibraryImport(NativeLibraryResolver.Zstd, EntryPoint = "ZSTD_sizeof_DCtx")]
    public static partial nuint SizeOfDecompressionContext(nint context);

    [LibraryImport(NativeLibraryResolver.Zstd, EntryPoint = "ZSTD_DCtx_reset")]
    public static partial nuint ResetDecompressionContext(nint context, int directive);

    [LibraryImport(NativeLibraryResolver.Zstd, EntryPoint = "ZSTD_DCtx_setParameter")]
    public static partial nuint SetDecompressionParameter(nint context, int parameter, int value);

    [LibraryImport(NativeLibraryResolver.Zstd, EntryPoint = "ZSTD_decompressStream")]
    public static partial nuint DecompressStream(nint context, Buffer* output, Buffer* input);

    [LibraryImport(NativeLibraryResolver.Zstd, EntryPoint = "ZSTD_isError")]
    public static partial uint IsError(nuint code);

    [LibraryImport(NativeLibraryResolver.Zstd, EntryPoint = "ZSTD_getErrorName")]
    public static partial byte* GetErrorName(nuint code);

    public static string ErrorName(nuint code) => Marshal.PtrToStringUTF8((nint)GetErrorName(code)) ?? "unknown error";

    /// <summary>ZSTD_inBuffer and ZSTD_outBuffer, which have the same layout.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Buffer
    {
        public byte* Start;
        public nuint Size;
        public nuint Position;
    }

    /// <summary>A ZSTD_CCtx.</summary>
    public sealed class CompressionContext : SafeHandle
    {
        public CompressionContext()
            : base(0, ownsHandle: true)
        {
            SetHandle(CreateCompressionContext());
            if (IsInvalid)
            {
                throw new InvalidOperationException("libzstd cannot make a compression context: out of memory.");
            }
        }

        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            FreeCompressionContext(handle);
            return true;
        }
    }

    /// <summary>A ZSTD_DCtx.</summary>
    public sealed class DecompressionContext : SafeHandle
    {
        public DecompressionContext()
            : base(0, ownsHandle: true)
        {
            SetHandle(CreateDecompressionContext());
            if (IsInvalid)
            {
                throw new InvalidOperationException("libzstd cannot make a decompression context: out of memory.");
            }
        }

        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            FreeDecompressionContext(handle);
            return true;
        }
    }
}
