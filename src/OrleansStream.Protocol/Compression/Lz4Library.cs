using System.Runtime.InteropServices;

namespace OrleansStream.Protocol.Compression;

/// <summary>The part of liblz4's frame API (lz4frame.h, 1.8 and later) that the codec calls.</summary>
internal static unsafe partial class Lz4Library
{
    /// <summary>LZ4F_VERSION.</summary>
    public const uint FrameVersion = 100;

    static Lz4Library() => NativeLibraryResolver.Register();

    /// <summary>Loads the library or throws <see cref="CompressionUnavailableException"/>.</summary>
    public static void EnsureLoaded() => _ = VersionNumber();

    [LibraryImport(NativeLibraryResolver.Lz4, EntryPoint = "LZ4_versionNumber")]
    public static partial int VersionNumber();

    [LibraryImport(NativeLibraryResolver.Lz4, EntryPoint = "LZ4F_compressFrameBound")]
    public static partial nuint CompressFrameBound(nuint sourceSize, Preferences* preferences);

    [LibraryImport(NativeLibraryResolver.Lz4, EntryPoint = "LZ4F_compressFrame")]
    public static partial nuint CompressFrame(byte* destination, nuint capacity, byte* source, nuint sourceSize, Preferences* preferences);

    [LibraryImport(NativeLibraryResolver.Lz4, EntryPoint = "LZ4F_createDecompressionContext")]
    public static partial nuint CreateDecompressionContext(nint* context, uint version);

    [LibraryImport(NativeLibraryResolver.Lz4, EntryPoint = "LZ4F_freeDecompressionContext")]
    public static partial nuint FreeDecompressionContext(nint context);

    [LibraryImport(NativeLibraryResolver.Lz4, EntryPoint = "LZ4F_resetDecompressionContext")]
    public static partial void ResetDecompressionContext(nint context);

    [LibraryImport(NativeLibraryResolver.Lz4, EntryPoint = "LZ4F_decompress")]
    public static partial nuint Decompress(nint context, byte* destination, nuint* destinationSize, byte* source, nuint* sourceSize, void* options);

    [LibraryImport(NativeLibraryResolver.Lz4, EntryPoint = "LZ4F_isError")]
    public static partial uint IsError(nuint code);

    [LibraryImport(NativeLibraryResolver.Lz4, EntryPoint = "LZ4F_getErrorName")]
    public static partial byte* GetErrorName(nuint code);

    public static string ErrorName(nuint code) => Marshal.PtrToStringUTF8((nint)GetErrorName(code)) ?? "unknown error";

    /// <summary>LZ4F_preferences_t: LZ4F_frameInfo_t in front, five reserved or minor words at the end.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Preferences
    {
        public int BlockSizeId;
        public int BlockMode;
        public int ContentChecksum;
        public int FrameType;
        public ulong ContentSize;
        public uint DictionaryId;
        public int BlockChecksum;
        public int CompressionLevel;
        public uint AutoFlush;
        public uint FavorDecompressionSpeed;
        public uint Reserved0;
        public uint Reserved1;
        public uint Reserved2;
    }

    /// <summary>An LZ4F_dctx.</summary>
    public sealed class DecompressionContext : SafeHandle
    {
        public DecompressionContext()
            : base(0, ownsHandle: true)
        {
            nint context = 0;
            var code = CreateDecompressionContext(&context, FrameVersion);
            if (IsError(code) != 0)
            {
                throw new InvalidOperationException($"liblz4 cannot make a decompression context: {ErrorName(code)}.");
            }

            SetHandle(context);
        }

        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle()
        {
            FreeDecompressionContext(handle);
            return true;
        }
    }
}
