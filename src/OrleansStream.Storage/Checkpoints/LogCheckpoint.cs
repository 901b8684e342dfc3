using OrleansStream.Storage.Files;
using OrleansStream.Storage.Indexes;

namespace OrleansStream.Storage.Checkpoints;

/// <summary>
/// What a log knows of itself at one durable address, so that opening it need not read everything. The file is a cache:
/// without it the log is scanned from its first segment.
/// </summary>
internal sealed record LogCheckpoint
{
    public const string FileName = "checkpoint";

    /// <summary>The version of the format; a newer one is refused.</summary>
    public const int CurrentVersion = 1;

    private const uint Magic = 0x50434C4F; // "OLCP"

    /// <summary>The generation of the segment files that it speaks of.</summary>
    public int Generation { get; init; }

    /// <summary>The log was closed in order, and nothing was appended after <see cref="Address"/>.</summary>
    public bool CleanShutdown { get; init; }

    /// <summary>Everything below is on stable storage and described here; the scan starts here.</summary>
    public long Address { get; init; }

    /// <summary>The address of the last entry before <see cref="Address"/>; -1 if there is none.</summary>
    public long PreviousAddress { get; init; }

    /// <summary>The first segment that is not deleted.</summary>
    public int FirstSegment { get; init; }

    /// <summary>The segments below have index files; the entries of the others are here.</summary>
    public int FirstUnindexedSegment { get; init; }

    public long LogStartOffset { get; init; }

    public long LogEndOffset { get; init; }

    public long MaxTimestamp { get; init; }

    public long MaxTimestampOffset { get; init; }

    public IReadOnlyList<EpochStart> Epochs { get; init; } = [];

    public IReadOnlyList<VoidRange> VoidRanges { get; init; } = [];

    public IReadOnlyList<IndexEntry> Entries { get; init; } = [];

    /// <summary>Writes the file, atomically and durably; its size in bytes.</summary>
    public int Save(ILogFileSystem fileSystem, string directory)
    {
        var writer = new RecordWriter(Magic, CurrentVersion);
        writer.Write(Generation);
        writer.Write(CleanShutdown ? 1 : 0);
        writer.Write(Address);
        writer.Write(PreviousAddress);
        writer.Write(FirstSegment);
        writer.Write(FirstUnindexedSegment);
        writer.Write(LogStartOffset);
        writer.Write(LogEndOffset);
        writer.Write(MaxTimestamp);
        writer.Write(MaxTimestampOffset);
        writer.Write(Epochs.Count);
        writer.Write(VoidRanges.Count);
        writer.Write(Entries.Count);
        foreach (var epoch in Epochs)
        {
            writer.Write(epoch.Epoch);
            writer.Write(epoch.StartOffset);
        }

        foreach (var range in VoidRanges)
        {
            writer.Write(range.From);
            writer.Write(range.Until);
        }

        foreach (var entry in Entries)
        {
            writer.Write(entry.Offset);
            writer.Write(entry.Address);
            writer.Write(entry.MaxTimestamp);
        }

        var content = writer.Finish();
        fileSystem.Replace(Path.Combine(directory, FileName), content);
        return content.Length;
    }

    /// <summary>Reads the file. Null if there is none or it is damaged.</summary>
    /// <param name="fileSystem">The file system.</param>
    /// <param name="directory">The log's directory.</param>
    /// <param name="isDamaged">Whether there is a file that does not verify.</param>
    /// <exception cref="InvalidDataException">The file was written by a newer version.</exception>
    public static LogCheckpoint? TryLoad(ILogFileSystem fileSystem, string directory, out bool isDamaged)
    {
        isDamaged = false;
        var path = Path.Combine(directory, FileName);
        var content = fileSystem.TryReadAllBytes(path);
        if (content is null)
        {
            return null;
        }

        if (!RecordReader.TryOpen(content, Magic, out var reader))
        {
            isDamaged = true;
            return null;
        }

        if (reader.Version != CurrentVersion)
        {
            throw new InvalidDataException($"{path} has format version {reader.Version}; this version reads {CurrentVersion}.");
        }

        var checkpoint = new LogCheckpoint
        {
            Generation = reader.ReadInt32(),
            CleanShutdown = reader.ReadInt32() == 1,
            Address = reader.ReadInt64(),
            PreviousAddress = reader.ReadInt64(),
            FirstSegment = reader.ReadInt32(),
            FirstUnindexedSegment = reader.ReadInt32(),
            LogStartOffset = reader.ReadInt64(),
            LogEndOffset = reader.ReadInt64(),
            MaxTimestamp = reader.ReadInt64(),
            MaxTimestampOffset = reader.ReadInt64(),
        };
        var epochs = new EpochStart[reader.ReadInt32()];
        var ranges = new VoidRange[reader.ReadInt32()];
        var entries = new IndexEntry[reader.ReadInt32()];
        for (var i = 0; i < epochs.Length; i++)
        {
            epochs[i] = new EpochStart(reader.ReadInt32(), reader.ReadInt64());
        }

        for (var i = 0; i < ranges.Length; i++)
        {
            ranges[i] = new VoidRange(reader.ReadInt64(), reader.ReadInt64());
        }

        for (var i = 0; i < entries.Length; i++)
        {
            entries[i] = new IndexEntry(reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64());
        }

        return checkpoint with { Epochs = epochs, VoidRanges = ranges, Entries = entries };
    }
}
