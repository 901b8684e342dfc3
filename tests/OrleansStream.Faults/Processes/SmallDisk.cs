namespace OrleansStream.Faults.Processes;

/// <summary>A file system of a fixed size in memory, and a file that fills it.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private const string Filler = "filler";

    private SmallDisk(string path) => Path = path;

    public string Path { get; }

    /// <summary>Mounts one; null where that is not allowed.</summary>
    public static async Task<SmallDisk?> MountAsync(string path, long bytes)
    {
        Directory.CreateDirectory(path);
        try
        {
            await Command.RunAsync("mount", "-t", "tmpfs", "-o", $"size={bytes}", "tmpfs", path);
            return new SmallDisk(path);
        }
        catch (CommandFailedException)
        {
            return null;
        }
    }

    /// <summary>Takes all the space that there is.</summary>
    public void Fill()
    {
        using var filler = new FileStream(System.IO.Path.Combine(Path, Filler), FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        var block = new byte[1 << 20];
        for (var size = block.Length; size >= 1; size /= 2)
        {
            try
            {
                while (true)
                {
                    filler.Write(block, 0, size);
                }
            }
            catch (IOException)
            {
                // So much does not fit any more; half of it may.
            }
        }
    }

    public void Free() => File.Delete(System.IO.Path.Combine(Path, Filler));

    public async ValueTask DisposeAsync() => await Command.RunAsync("umount", "--lazy", Path);
}
