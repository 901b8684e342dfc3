using OrleansStream.Metadata.Local;

namespace OrleansStream.Metadata.Tests.Local;

/// <summary>
/// A directory in memory that tells what is written from what is on stable storage, and whose disk can be full or broken.
/// </summary>
internal sealed class MemoryDirectory : IStoreDirectory
{
    private readonly Dictionary<string, Content> _files = new(StringComparer.Ordinal);

    public string FullPath => "/memory";

    /// <summary>Bytes that can still be written before the disk is full.</summary>
    public long Room { get; set; } = long.MaxValue;

    public bool FlushFails { get; set; }

    public bool TruncateFails { get; set; }

    public bool RenameFails { get; set; }

    public int FlushCount { get; private set; }

    public IReadOnlyList<string> List() => [.. _files.Keys];

    public byte[] ReadAll(string name) => [.. _files[name].Written];

    public IStoreFile Create(string name)
    {
        _files[name] = new Content();
        return new MemoryFile(this, _files[name]);
    }

    public IStoreFile Open(string name) => new MemoryFile(this, _files[name]);

    public void Rename(string from, string to)
    {
        Demand(!RenameFails, "rename failed");
        _files.Remove(from, out var content);
        _files[to] = content!;
    }

    public void Delete(string name) => _files.Remove(name);

    /// <summary>The directory after the machine died: what was not flushed is lost but for its first bytes.</summary>
    public MemoryDirectory AfterPowerLoss(int keptBytes = 0)
    {
        var after = new MemoryDirectory();
        foreach (var (name, content) in _files)
        {
            var written = content.Written;
            var durable = content.Durable;
            byte[] left = [.. durable, .. written.Skip(durable.Count).Take(keptBytes)];
            after.Put(name, left);
        }

        return after;
    }

    /// <summary>A copy to damage.</summary>
    public MemoryDirectory Copy()
    {
        var copy = new MemoryDirectory();
        foreach (var name in List())
        {
            copy.Put(name, ReadAll(name));
        }

        return copy;
    }

    public void Put(string name, byte[] bytes) => _files[name] = new Content { Written = [.. bytes], Durable = [.. bytes] };

    /// <summary>The journal that is written on.</summary>
    public string LastJournal() => List().Where(name => name.StartsWith("journal-", StringComparison.Ordinal)).Max(StringComparer.Ordinal)!;

    private static void Demand(bool condition, string message)
    {
        if (!condition)
        {
            throw new IOException(message);
        }
    }

    private sealed class Content
    {
        public List<byte> Written { get; set; } = [];

        public List<byte> Durable { get; set; } = [];
    }

    private sealed class MemoryFile(MemoryDirectory directory, Content content) : IStoreFile
    {
        public void Write(long position, ReadOnlySpan<byte> bytes)
        {
            var fitting = (int)Math.Min(bytes.Length, directory.Room);
            for (var i = 0; i < fitting; i++)
            {
                var at = (int)position + i;
                while (content.Written.Count <= at)
                {
                    content.Written.Add(0);
                }

                content.Written[at] = bytes[i];
            }

            if (directory.Room != long.MaxValue)
            {
                directory.Room -= fitting;
            }

            Demand(fitting == bytes.Length, "No space left on device");
        }

        public void Truncate(long length)
        {
            Demand(!directory.TruncateFails, "truncate failed");
            content.Written.RemoveRange((int)length, content.Written.Count - (int)length);
        }

        public void Flush()
        {
            Demand(!directory.FlushFails, "Input/output error");
            directory.FlushCount++;
            content.Durable = [.. content.Written];
        }

        public void Dispose()
        {
        }
    }
}
