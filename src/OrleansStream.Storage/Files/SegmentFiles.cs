using System.Globalization;

namespace OrleansStream.Storage.Files;

/// <summary>
/// The segment files of one generation of a log: <c>&lt;generation&gt;-&lt;segment&gt;.log</c> and, for each segment that
/// is complete, <c>.index</c> beside it. Reads come from any thread; the writer belongs to the flush in progress.
/// </summary>
internal sealed class SegmentFiles(
    ILogFileSystem fileSystem,
    FileHandleCache handles,
    string directory,
    int generation,
    LogGeometry geometry) : IDisposable
{
    private const string LogSuffix = ".log";
    private const string IndexSuffix = ".index";

    private ILogFile? _writer;
    private int _writerSegment = -1;

    public ILogFileSystem FileSystem => fileSystem;

    public string Directory => directory;

    public int Generation => generation;

    public LogGeometry Geometry => geometry;

    public string PathOf(int segment) => Path.Combine(directory, NameOf(segment) + LogSuffix);

    public string IndexPathOf(int segment) => Path.Combine(directory, NameOf(segment) + IndexSuffix);

    /// <summary>The segments of this generation that are there, in order, with their lengths.</summary>
    public SortedList<int, long> ListSegments()
    {
        var segments = new SortedList<int, long>();
        foreach (var file in fileSystem.List(directory))
        {
            if (TryParse(file.Name, LogSuffix, out var fileGeneration, out var segment) && fileGeneration == generation)
            {
                segments.Add(segment, file.Length);
            }
        }

        return segments;
    }

    /// <summary>The segments of this generation that have an index file.</summary>
    public HashSet<int> ListIndexes()
    {
        var segments = new HashSet<int>();
        foreach (var file in fileSystem.List(directory))
        {
            if (TryParse(file.Name, IndexSuffix, out var fileGeneration, out var segment) && fileGeneration == generation)
            {
                segments.Add(segment);
            }
        }

        return segments;
    }

    /// <summary>
    /// Reads from an address on, over segment boundaries, until the buffer is full or a file ends before its segment does.
    /// </summary>
    public int Read(long address, Span<byte> buffer)
    {
        var total = 0;
        while (total < buffer.Length)
        {
            var at = address + total;
            var segment = geometry.SegmentOf(at);
            var position = geometry.PositionInSegment(at);
            var wanted = (int)Math.Min(buffer.Length - total, geometry.SegmentBytes - position);
            var read = handles.Read(this, segment, buffer.Slice(total, wanted), position);
            total += read;
            if (read < wanted)
            {
                break;
            }
        }

        return total;
    }

    /// <summary>Writes whole sectors within one segment; on stable storage when it returns.</summary>
    public void Write(IReadOnlyList<ReadOnlyMemory<byte>> buffers, long address)
    {
        var segment = geometry.SegmentOf(address);
        if (_writer is null || _writerSegment != segment)
        {
            CloseWriter();
            _writer = fileSystem.OpenWrite(PathOf(segment));
            _writerSegment = segment;
        }

        _writer.Write(buffers, geometry.PositionInSegment(address));
    }

    /// <summary>Closes the file that is open for writing.</summary>
    public void CloseWriter()
    {
        _writer?.Dispose();
        _writer = null;
        _writerSegment = -1;
    }

    /// <summary>
    /// Cuts everything from an address on and brings what lies before it to stable storage: what a killed process has
    /// written may be in the page cache only.
    /// </summary>
    /// <param name="address">The new end.</param>
    /// <param name="firstToFlush">The first segment that may not be on stable storage.</param>
    public void CutAndFlush(long address, int firstToFlush)
    {
        CloseWriter();
        var last = geometry.SegmentOf(address);
        foreach (var (segment, length) in ListSegments())
        {
            if (segment < firstToFlush)
            {
                continue;
            }

            handles.Close(this, segment);
            if (segment > last)
            {
                fileSystem.Delete(PathOf(segment));
                fileSystem.Delete(IndexPathOf(segment));
                continue;
            }

            using var file = fileSystem.OpenWrite(PathOf(segment));
            if (segment == last && length != geometry.PositionInSegment(address))
            {
                file.SetLength(geometry.PositionInSegment(address));
            }

            file.Flush();
        }

        fileSystem.SyncDirectory(directory);
    }

    /// <summary>Deletes a segment and its index; durable after a sync of the directory.</summary>
    public void Delete(int segment)
    {
        handles.Close(this, segment);
        fileSystem.Delete(PathOf(segment));
        fileSystem.Delete(IndexPathOf(segment));
    }

    public void Dispose()
    {
        CloseWriter();
        handles.CloseAll(this);
    }

    private string NameOf(int segment) =>
        string.Create(CultureInfo.InvariantCulture, $"{generation:D8}-{segment:D10}");

    /// <summary>The generation and segment that a file's name speaks of; false for another kind of file.</summary>
    public static bool TryParseName(string name, out int generation, out int segment) =>
        TryParse(name, LogSuffix, out generation, out segment) || TryParse(name, IndexSuffix, out generation, out segment);

    private static bool TryParse(string name, string suffix, out int generation, out int segment)
    {
        generation = 0;
        segment = 0;
        return name.Length == 19 + suffix.Length
            && name.EndsWith(suffix, StringComparison.Ordinal)
            && name[8] == '-'
            && int.TryParse(name.AsSpan(0, 8), NumberStyles.None, CultureInfo.InvariantCulture, out generation)
            && int.TryParse(name.AsSpan(9, 10), NumberStyles.None, CultureInfo.InvariantCulture, out segment);
    }
}
