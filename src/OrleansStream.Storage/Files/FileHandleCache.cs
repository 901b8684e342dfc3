namespace OrleansStream.Storage.Files;

/// <summary>
/// The segment files that are open for reading, over all logs of a process: at most <paramref name="capacity"/>, the
/// longest unused closed first, so that thousands of partitions do not use up the process's descriptors.
/// </summary>
internal sealed class FileHandleCache(ILogFileSystem fileSystem, int capacity) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(SegmentFiles Owner, int Segment), LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _byUse = [];

    /// <summary>
    /// Reads from a segment until the buffer is full or the file ends. A file that the cache closes between the look-up
    /// and the read is opened again.
    /// </summary>
    public int Read(SegmentFiles owner, int segment, Span<byte> buffer, long position)
    {
        while (true)
        {
            var file = Get(owner, segment);
            try
            {
                return file.Read(buffer, position);
            }
            catch (ObjectDisposedException)
            {
                Close(owner, segment, file);
            }
        }
    }

    /// <summary>Closes a segment's file, because it is deleted or cut.</summary>
    public void Close(SegmentFiles owner, int segment) => Close(owner, segment, expected: null);

    /// <summary>Closes all files of a log.</summary>
    public void CloseAll(SegmentFiles owner)
    {
        lock (_gate)
        {
            for (var node = _byUse.First; node is not null;)
            {
                var next = node.Next;
                if (node.Value.Owner == owner)
                {
                    Remove(node);
                }

                node = next;
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var entry in _byUse)
            {
                entry.File.Dispose();
            }

            _byUse.Clear();
            _entries.Clear();
        }
    }

    private ILogFile Get(SegmentFiles owner, int segment)
    {
        lock (_gate)
        {
            if (_entries.TryGetValue((owner, segment), out var known))
            {
                if (_byUse.First != known)
                {
                    _byUse.Remove(known);
                    _byUse.AddFirst(known);
                }

                return known.Value.File;
            }
        }

        var opened = fileSystem.OpenRead(owner.PathOf(segment));
        lock (_gate)
        {
            if (_entries.TryGetValue((owner, segment), out var raced))
            {
                opened.Dispose();
                return raced.Value.File;
            }

            _entries.Add((owner, segment), _byUse.AddFirst(new Entry(owner, segment, opened)));
            while (_byUse.Count > capacity)
            {
                var oldest = _byUse.Last!;
                Remove(oldest);
            }

            return opened;
        }
    }

    private void Close(SegmentFiles owner, int segment, ILogFile? expected)
    {
        lock (_gate)
        {
            if (_entries.TryGetValue((owner, segment), out var node) && (expected is null || node.Value.File == expected))
            {
                Remove(node);
            }
        }
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        _byUse.Remove(node);
        _entries.Remove((node.Value.Owner, node.Value.Segment));
        node.Value.File.Dispose();
    }

    private readonly record struct Entry(SegmentFiles Owner, int Segment, ILogFile File);
}
