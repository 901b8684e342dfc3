using OrleansStream.Storage.Files;

namespace OrleansStream.Storage.Tests.Simulation;

/// <summary>What a log asks of the disk.</summary>
public enum DiskOperation
{
    OpenRead,
    OpenWrite,
    Read,
    Write,
    Replace,
    Delete,
    SyncDirectory,
    SetLength,
    Flush,
}

/// <summary>
/// A file system in memory that knows what a power loss would leave. Names that are deleted, and lengths that are set,
/// come back unless they were synced; a write is durable when it has returned.
/// </summary>
internal sealed class SimulatedFileSystem : ILogFileSystem
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, SimulatedFile> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SimulatedFile> _deletedNotSynced = new(StringComparer.Ordinal);
    private readonly HashSet<string> _directories = new(StringComparer.Ordinal);
    private ManualResetEventSlim? _held;
    private TaskCompletionSource _writeHeld = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Called before each operation; what it returns is thrown.</summary>
    public Func<DiskOperation, string, Exception?>? Fault { get; set; }

    /// <summary>For the next write that matches, how many of its bytes reach the disk before the error that is thrown.</summary>
    public Func<string, long, int, (int Written, Exception Error)?>? PartialWrite { get; set; }

    /// <summary>Writes to log files so far: path, position, length.</summary>
    public List<(string Path, long Position, int Length)> Writes { get; } = [];

    /// <summary>Completes when a write waits because of <see cref="HoldWrites"/>.</summary>
    public Task WriteHeld => _writeHeld.Task;

    /// <summary>From now on writes to segment files block until <see cref="ReleaseWrites"/>.</summary>
    public void HoldWrites()
    {
        _writeHeld = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _held = new ManualResetEventSlim();
    }

    public void ReleaseWrites()
    {
        var held = _held;
        _held = null;
        held?.Set();
    }

    /// <summary>The disk as it is after a power loss now.</summary>
    public SimulatedFileSystem AfterPowerLoss()
    {
        var survivor = new SimulatedFileSystem();
        lock (_gate)
        {
            foreach (var (path, file) in _files.Concat(_deletedNotSynced.Where(pair => !_files.ContainsKey(pair.Key))))
            {
                survivor._files[path] = new SimulatedFile(file.Durable());
            }

            survivor._directories.UnionWith(_directories);
        }

        return survivor;
    }

    /// <summary>An independent copy of the disk as a process sees it.</summary>
    public SimulatedFileSystem Clone()
    {
        var copy = new SimulatedFileSystem();
        lock (_gate)
        {
            foreach (var (path, file) in _files)
            {
                copy._files[path] = new SimulatedFile(file.Content());
            }

            copy._directories.UnionWith(_directories);
        }

        return copy;
    }

    public byte[] Content(string path)
    {
        lock (_gate)
        {
            return _files[path].Content();
        }
    }

    public void SetContent(string path, byte[] content)
    {
        lock (_gate)
        {
            _files[path] = new SimulatedFile(content);
        }
    }

    public IReadOnlyList<string> Paths()
    {
        lock (_gate)
        {
            return [.. _files.Keys.Order(StringComparer.Ordinal)];
        }
    }

    public void CreateDirectory(string path)
    {
        lock (_gate)
        {
            _directories.Add(path);
        }
    }

    public IReadOnlyList<LogFileEntry> List(string directory)
    {
        lock (_gate)
        {
            return [.. _files.Where(pair => Path.GetDirectoryName(pair.Key) == directory)
                .Select(pair => new LogFileEntry(Path.GetFileName(pair.Key), pair.Value.Length))];
        }
    }

    public ILogFile OpenRead(string path)
    {
        Check(DiskOperation.OpenRead, path);
        lock (_gate)
        {
            return _files.TryGetValue(path, out var file) ? new Handle(this, path, file) : throw new FileNotFoundException($"Could not find file '{path}'.", path);
        }
    }

    public ILogFile OpenWrite(string path)
    {
        Check(DiskOperation.OpenWrite, path);
        lock (_gate)
        {
            if (!_files.TryGetValue(path, out var file))
            {
                file = new SimulatedFile([]);
                _files.Add(path, file);
            }

            return new Handle(this, path, file);
        }
    }

    public byte[]? TryReadAllBytes(string path)
    {
        Check(DiskOperation.OpenRead, path);
        lock (_gate)
        {
            return _files.TryGetValue(path, out var file) ? file.Content() : null;
        }
    }

    public void Replace(string path, ReadOnlySpan<byte> content)
    {
        Check(DiskOperation.Replace, path);
        lock (_gate)
        {
            _files[path] = new SimulatedFile(content.ToArray());
        }
    }

    public void Delete(string path)
    {
        Check(DiskOperation.Delete, path);
        lock (_gate)
        {
            if (_files.Remove(path, out var file))
            {
                _deletedNotSynced[path] = file;
            }
        }
    }

    public void SyncDirectory(string path)
    {
        Check(DiskOperation.SyncDirectory, path);
        lock (_gate)
        {
            foreach (var deleted in _deletedNotSynced.Keys.Where(deleted => Path.GetDirectoryName(deleted) == path).ToList())
            {
                _deletedNotSynced.Remove(deleted);
            }
        }
    }

    public void MoveDirectory(string source, string destination)
    {
        lock (_gate)
        {
            foreach (var path in _files.Keys.Where(path => Path.GetDirectoryName(path) == source).ToList())
            {
                _files.Remove(path, out var file);
                _files[Path.Combine(destination, Path.GetFileName(path))] = file!;
            }

            _directories.Remove(source);
            _directories.Add(destination);
        }
    }

    public void DeleteDirectory(string path)
    {
        lock (_gate)
        {
            foreach (var file in _files.Keys.Where(file => Path.GetDirectoryName(file) == path).ToList())
            {
                _files.Remove(file);
            }

            _directories.Remove(path);
        }
    }

    public IReadOnlyList<string> ListDirectories(string path)
    {
        lock (_gate)
        {
            return [.. _directories.Where(directory => Path.GetDirectoryName(directory) == path)];
        }
    }

    private void Check(DiskOperation operation, string path)
    {
        if (Fault?.Invoke(operation, path) is { } fault)
        {
            throw fault;
        }
    }

    private void Write(string path, SimulatedFile file, IReadOnlyList<ReadOnlyMemory<byte>> buffers, long position)
    {
        if (_held is { } held)
        {
            _writeHeld.TrySetResult();
            held.Wait();
        }

        Check(DiskOperation.Write, path);
        var bytes = buffers.SelectMany(buffer => buffer.ToArray()).ToArray();
        var partial = PartialWrite?.Invoke(path, position, bytes.Length);
        lock (_gate)
        {
            Writes.Add((path, position, bytes.Length));
            file.Write(partial is { } cut ? bytes.AsSpan(0, cut.Written) : bytes, position);
        }

        if (partial is { } failed)
        {
            throw failed.Error;
        }
    }

    private sealed class Handle(SimulatedFileSystem owner, string path, SimulatedFile file) : ILogFile
    {
        private bool _disposed;

        public long Length => file.Length;

        public int Read(Span<byte> buffer, long position)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            owner.Check(DiskOperation.Read, path);
            return file.Read(buffer, position);
        }

        public void Write(IReadOnlyList<ReadOnlyMemory<byte>> buffers, long position) => owner.Write(path, file, buffers, position);

        public void SetLength(long length)
        {
            owner.Check(DiskOperation.SetLength, path);
            file.SetLength(length);
        }

        public void Flush()
        {
            owner.Check(DiskOperation.Flush, path);
            file.Flush();
        }

        public void Dispose() => _disposed = true;
    }
}
