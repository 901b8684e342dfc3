using OrleansStream.Storage.Files;
using OrleansStream.Storage.Indexes;

namespace OrleansStream.Storage.Checkpoints;

/// <summary>The sparse index of one complete segment, written once, so that a checkpoint holds the last segment's only.</summary>
internal static class SegmentIndexFile
{
    /// <summary>The version of the format.</summary>
    public const int CurrentVersion = 1;

    private const uint Magic = 0x58494C4F; // "OLIX"

    /// <summary>Writes the file, atomically and durably; its size in bytes.</summary>
    public static int Save(SegmentFiles files, int segment, ReadOnlySpan<IndexEntry> entries)
    {
        var writer = new RecordWriter(Magic, CurrentVersion);
        writer.Write(files.Generation);
        writer.Write(segment);
        writer.Write(entries.Length);
        foreach (var entry in entries)
        {
            writer.Write(entry.Offset);
            writer.Write(entry.Address);
            writer.Write(entry.MaxTimestamp);
        }

        var content = writer.Finish();
        files.FileSystem.Replace(files.IndexPathOf(segment), content);
        return content.Length;
    }

    /// <summary>Reads the file; null if it is missing, damaged, or another version's: the log is scanned then.</summary>
    public static IndexEntry[]? TryLoad(SegmentFiles files, int segment)
    {
        var content = files.FileSystem.TryReadAllBytes(files.IndexPathOf(segment));
        if (content is null
            || !RecordReader.TryOpen(content, Magic, out var reader)
            || reader.Version != CurrentVersion
            || reader.ReadInt32() != files.Generation
            || reader.ReadInt32() != segment)
        {
            return null;
        }

        var entries = new IndexEntry[reader.ReadInt32()];
        for (var i = 0; i < entries.Length; i++)
        {
            entries[i] = new IndexEntry(reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64());
        }

        return entries;
    }
}
