using OrleansStream.Storage.Checkpoints;
using OrleansStream.Storage.Files;
using OrleansStream.Storage.Indexes;

namespace OrleansStream.Storage.Compaction;

/// <summary>
/// The file <c>compacted</c>: which generation holds the compacted beginning of the log, and where the rest goes on.
/// Replacing it is the moment at which a compaction happens; there is none before the first. Unlike a checkpoint it is no
/// cache: a log whose manifest is damaged is offline.
/// </summary>
internal sealed record CompactionManifest
{
    public const string FileName = "compacted";

    /// <summary>The version of the format; a newer one is refused.</summary>
    public const int CurrentVersion = 1;

    private const uint Magic = 0x4D434C4F; // "OLCM"

    /// <summary>The generation of the compacted files; larger than all before.</summary>
    public required int Generation { get; init; }

    /// <summary>The page size of the compacted files.</summary>
    public required int PageBytes { get; init; }

    /// <summary>The segment size of the compacted files.</summary>
    public required int SegmentBytes { get; init; }

    /// <summary>The first segment of the generation that is not deleted.</summary>
    public required int FirstSegment { get; init; }

    /// <summary>Where the compacted part ends in the files of its generation.</summary>
    public required long EndAddress { get; init; }

    /// <summary>The first offset that does not belong to the compacted part.</summary>
    public required long EndOffset { get; init; }

    /// <summary>Of each key there is one record at most below this offset.</summary>
    public required long CleanedOffset { get; init; }

    /// <summary>Where the rest of the log starts in generation 0.</summary>
    public required long TailAddress { get; init; }

    /// <summary>The log start offset when the manifest was written.</summary>
    public required long LogStartOffset { get; init; }

    /// <summary>The largest timestamp in the compacted part.</summary>
    public required long MaxTimestamp { get; init; }

    /// <summary>The last offset of the batch that has it.</summary>
    public required long MaxTimestampOffset { get; init; }

    /// <summary>The leader epochs that start in the compacted part; their records may be gone.</summary>
    public required IReadOnlyList<EpochStart> Epochs { get; init; }

    /// <summary>Writes the file, atomically and durably.</summary>
    public void Save(ILogFileSystem fileSystem, string directory)
    {
        var writer = new RecordWriter(Magic, CurrentVersion);
        writer.Write(Generation);
        writer.Write(PageBytes);
        writer.Write(SegmentBytes);
        writer.Write(FirstSegment);
        writer.Write(EndAddress);
        writer.Write(EndOffset);
        writer.Write(CleanedOffset);
        writer.Write(TailAddress);
        writer.Write(LogStartOffset);
        writer.Write(MaxTimestamp);
        writer.Write(MaxTimestampOffset);
        writer.Write(Epochs.Count);
        foreach (var epoch in Epochs)
        {
            writer.Write(epoch.Epoch);
            writer.Write(epoch.StartOffset);
        }

        fileSystem.Replace(Path.Combine(directory, FileName), writer.Finish());
    }

    /// <summary>Reads the file; null if there is none.</summary>
    /// <exception cref="InvalidDataException">It is damaged or was written by a newer version.</exception>
    public static CompactionManifest? TryLoad(ILogFileSystem fileSystem, string directory)
    {
        var path = Path.Combine(directory, FileName);
        var content = fileSystem.TryReadAllBytes(path);
        if (content is null)
        {
            return null;
        }

        if (!RecordReader.TryOpen(content, Magic, out var reader))
        {
            throw new InvalidDataException($"{path} is damaged: without it it is not known which files hold the beginning of the log.");
        }

        if (reader.Version != CurrentVersion)
        {
            throw new InvalidDataException($"{path} has format version {reader.Version}; this version reads {CurrentVersion}.");
        }

        var manifest = new CompactionManifest
        {
            Generation = reader.ReadInt32(),
            PageBytes = reader.ReadInt32(),
            SegmentBytes = reader.ReadInt32(),
            FirstSegment = reader.ReadInt32(),
            EndAddress = reader.ReadInt64(),
            EndOffset = reader.ReadInt64(),
            CleanedOffset = reader.ReadInt64(),
            TailAddress = reader.ReadInt64(),
            LogStartOffset = reader.ReadInt64(),
            MaxTimestamp = reader.ReadInt64(),
            MaxTimestampOffset = reader.ReadInt64(),
            Epochs = [],
        };
        var epochs = new EpochStart[reader.ReadInt32()];
        for (var i = 0; i < epochs.Length; i++)
        {
            epochs[i] = new EpochStart(reader.ReadInt32(), reader.ReadInt64());
        }

        return manifest with { Epochs = epochs };
    }
}
