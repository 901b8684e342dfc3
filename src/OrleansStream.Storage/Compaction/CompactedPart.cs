using OrleansStream.Storage.Checkpoints;
using OrleansStream.Storage.Files;
using OrleansStream.Storage.Indexes;

namespace OrleansStream.Storage.Compaction;

/// <summary>
/// The compacted beginning of a log: files of a generation of their own that nobody appends to. The index and the positions
/// are guarded by the log's lock; the rest does not change.
/// </summary>
internal sealed class CompactedPart
{
    public CompactedPart(SegmentFiles files, SparseIndex index, CompactionManifest manifest)
    {
        Files = files;
        Index = index;
        Manifest = manifest;
    }

    /// <summary>Its files.</summary>
    public SegmentFiles Files { get; }

    /// <summary>Where its batches are.</summary>
    public SparseIndex Index { get; }

    /// <summary>Where the latest reads ended.</summary>
    public ReadPositions Positions { get; } = new();

    /// <summary>What the file about it says.</summary>
    public CompactionManifest Manifest { get; }

    /// <summary>The first offset that does not belong to it.</summary>
    public long EndOffset => Manifest.EndOffset;

    /// <summary>Where it ends.</summary>
    public long EndAddress => Manifest.EndAddress;

    /// <summary>Where its first entry is, if it has any.</summary>
    public long StartAddress => Files.Geometry.FirstEntryOf(Manifest.FirstSegment);

    /// <summary>The segment after its last one.</summary>
    public int EndSegment => EndAddress <= LogGeometry.FirstAddress ? 0 : Files.Geometry.SegmentOf(EndAddress - 1) + 1;

    /// <summary>Its bytes on disk, without the index.</summary>
    public long SizeBytes => EndAddress <= LogGeometry.FirstAddress ? 0 : EndAddress - Files.Geometry.SegmentStart(Manifest.FirstSegment);

    /// <summary>The bytes in it whose keys have not been compared with those before.</summary>
    public long DirtyBytes
    {
        get
        {
            if (Manifest.CleanedOffset >= EndOffset || Index.Count == 0)
            {
                return 0;
            }

            return EndAddress - Index[Math.Max(0, Index.FloorByOffset(Manifest.CleanedOffset))].Address;
        }
    }

    /// <summary>Opens the files that a manifest names, and reads or rebuilds their index.</summary>
    /// <exception cref="InvalidDataException">A file is missing, too short or damaged.</exception>
    public static CompactedPart Open(ILogFileSystem fileSystem, FileHandleCache handles, string directory, CompactionManifest manifest, int indexIntervalBytes)
    {
        var geometry = new LogGeometry(manifest.PageBytes, manifest.SegmentBytes);
        var files = new SegmentFiles(fileSystem, handles, directory, manifest.Generation, geometry);
        var part = new CompactedPart(files, new SparseIndex(geometry), manifest);
        var segments = files.ListSegments();
        for (var segment = manifest.FirstSegment; segment < part.EndSegment; segment++)
        {
            var needed = Math.Min(geometry.SegmentBytes, manifest.EndAddress - geometry.SegmentStart(segment));
            if (!segments.TryGetValue(segment, out var length) || length < needed)
            {
                throw new InvalidDataException($"{files.PathOf(segment)} has {length} bytes; by {Path.Combine(directory, CompactionManifest.FileName)} the compacted log takes {needed} bytes of it.");
            }

            if (SegmentIndexFile.TryLoad(files, segment) is not { } entries)
            {
                return new CompactedPart(files, Rebuild(files, part, indexIntervalBytes), manifest);
            }

            foreach (var entry in entries)
            {
                if (entry.Address < manifest.EndAddress)
                {
                    part.Index.Add(entry);
                }
            }
        }

        return part;
    }

    /// <summary>The same files under another manifest.</summary>
    public CompactedPart With(CompactionManifest manifest) => new(Files, Index, manifest);

    /// <summary>Deletes its files; durable after a sync of the directory.</summary>
    public void Delete()
    {
        for (var segment = Manifest.FirstSegment; segment < EndSegment; segment++)
        {
            Files.Delete(segment);
        }

        Files.Dispose();
    }

    private static SparseIndex Rebuild(SegmentFiles files, CompactedPart part, int indexIntervalBytes)
    {
        var index = new SparseIndex(files.Geometry);
        using var scan = new LogScan(files, VoidRanges.None, part.StartAddress, part.EndAddress, new CompactionMemory(0));
        while (scan.MoveNext())
        {
            index.Append(scan.Header.BaseOffset, scan.Address, scan.Header.MaxTimestamp, indexIntervalBytes);
        }

        return index;
    }
}
