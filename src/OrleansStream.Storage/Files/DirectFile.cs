using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace OrleansStream.Storage.Files;

/// <summary>
/// Files that are accessed past the page cache: writes go from the caller's memory to the device (O_DIRECT) and are on stable storage when they return
/// (O_DSYNC). A write through the page cache copies every byte into a fresh page first, which was measured to cost more
/// processor time than all the rest of an append. The framework has no option for it.
/// </summary>
/// <remarks>
/// Memory, position and length of each access must be multiples of the device's logical block. Buffered reads of the same
/// file stay coherent: the kernel drops the pages that a direct write covers.
/// </remarks>
internal static partial class DirectFile
{
    /// <summary>The error of a file system or device that cannot write so, or of memory that is not aligned for it.</summary>
    public const int InvalidArgument = 22; // EINVAL

    private const int ReadWrite = 0x2;
    private const int DataSync = 0x1000;
    private const int CloseOnExec = 0x80000;

    /// <summary>Opens an existing file; null where direct access does not exist (tmpfs, other systems).</summary>
    public static SafeFileHandle? TryOpen(string path, bool forWriting)
    {
        if (!OperatingSystem.IsLinux() || DirectFlag is not { } direct)
        {
            return null;
        }

        var descriptor = Open(path, (forWriting ? ReadWrite | DataSync : 0) | CloseOnExec | direct);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : null;
    }

    /// <summary>O_DIRECT has a number of its own on some processors.</summary>
    private static int? DirectFlag => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 0x4000,
        Architecture.Arm64 => 0x10000,
        _ => null,
    };

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);
}
