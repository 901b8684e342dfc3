using System.Reflection;
using System.Runtime.InteropServices;

namespace OrleansStream.Protocol.Compression;

/// <summary>
/// Finds the system's liblz4 and libzstd by the names that they have on Linux, macOS and Windows. Debian's runtime
/// packages have only the versioned names.
/// </summary>
internal static class NativeLibraryResolver
{
    public const string Lz4 = "ostream-lz4";
    public const string Zstd = "ostream-zstd";

    private static readonly string[] Lz4Names = ["liblz4.so.1", "liblz4.so", "liblz4.1.dylib", "liblz4.dylib", "liblz4.dll", "lz4.dll"];
    private static readonly string[] ZstdNames = ["libzstd.so.1", "libzstd.so", "libzstd.1.dylib", "libzstd.dylib", "libzstd.dll", "zstd.dll"];

    private static readonly Lock RegistrationLock = new();
    private static bool _registered;

    /// <summary>Makes the two names above known to the runtime; harmless to repeat.</summary>
    public static void Register()
    {
        lock (RegistrationLock)
        {
            if (!_registered)
            {
                NativeLibrary.SetDllImportResolver(typeof(NativeLibraryResolver).Assembly, Resolve);
                _registered = true;
            }
        }
    }

    /// <summary>Loads the first library of the given names that exists.</summary>
    /// <exception cref="CompressionUnavailableException">None exists.</exception>
    public static nint LoadFirst(CompressionType type, string library, string debianPackage, ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (NativeLibrary.TryLoad(name, typeof(NativeLibraryResolver).Assembly, null, out var handle))
            {
                return handle;
            }
        }

        throw new CompressionUnavailableException(
            type,
            $"{type} compression needs the system library {library}, which was not found. Install it (Debian, Ubuntu: apt-get install {debianPackage}) or use another compression type.");
    }

    private static nint Resolve(string libraryName, Assembly assembly, DllImportSearchPath? searchPath) => libraryName switch
    {
        Lz4 => LoadFirst(CompressionType.Lz4, "liblz4", "liblz4-1", Lz4Names),
        Zstd => LoadFirst(CompressionType.Zstd, "libzstd", "libzstd1", ZstdNames),
        _ => 0,
    };
}
