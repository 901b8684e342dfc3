using System.Diagnostics;

namespace OrleansStream.Storage.Tests;

/// <summary>A mounted tmpfs of a given size with a file that takes a quarter of it.</summary>
internal sealed class TinyFileSystem : IAsyncDisposable
{
    private TinyFileSystem(string path) => Path = path;

    public string Path { get; }

    public string Ballast => System.IO.Path.Combine(Path, "ballast");

    public static async Task<TinyFileSystem> MountAsync(int bytes)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "mounting a small file system needs Linux and root");
        var path = Directory.CreateTempSubdirectory("orleansstream-tmpfs").FullName;
        var mounted = new TinyFileSystem(path);
        var (code, error) = await RunAsync("mount", "-t", "tmpfs", "-o", $"size={bytes}", "tmpfs", path);
        if (code != 0)
        {
            Directory.Delete(path);
            Assert.Skip($"a small file system cannot be mounted here: {error.Trim()}");
        }

        await File.WriteAllBytesAsync(mounted.Ballast, new byte[bytes / 4]);
        return mounted;
    }

    public async ValueTask DisposeAsync()
    {
        await RunAsync("umount", Path);
        Directory.Delete(Path);
    }

    private static async Task<(int Code, string Error)> RunAsync(string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, error);
    }
}
