using OrleansStream.Storage.Checkpoints;
using OrleansStream.Storage.Files;

namespace OrleansStream.Storage.Recovery;

/// <summary>The segments that were found when a log was opened, held against what has to be there.</summary>
/// <param name="files">The files.</param>
internal sealed class FoundSegments(SegmentFiles files)
{
    private readonly SortedList<int, long> _lengths = files.ListSegments();

    /// <summary>How many there are.</summary>
    public int Count => _lengths.Count;

    /// <summary>The lowest one.</summary>
    public int First => _lengths.Keys[0];

    /// <summary>All of them, in order.</summary>
    public IList<int> Segments => _lengths.Keys;

    /// <summary>Where the last one ends.</summary>
    public long EndAddress => files.Geometry.SegmentStart(_lengths.Keys[^1]) + _lengths.Values[^1];

    /// <summary>What the checkpoint calls durable has to be there.</summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="tailStart">Where the log goes on behind its compacted part.</param>
    /// <exception cref="InvalidDataException">A segment is missing or too short.</exception>
    public void RequireDurable(LogCheckpoint checkpoint, long tailStart)
    {
        var geometry = files.Geometry;
        var last = geometry.SegmentOf(checkpoint.Address);
        for (var segment = Math.Max(checkpoint.FirstSegment, geometry.SegmentOf(tailStart)); segment <= last; segment++)
        {
            var needed = segment < last ? geometry.SegmentBytes : geometry.PositionInSegment(checkpoint.Address);
            if (checkpoint.Address <= geometry.FirstEntryOf(segment))
            {
                continue;
            }

            if (!_lengths.TryGetValue(segment, out var length))
            {
                throw new InvalidDataException($"{files.PathOf(segment)} is missing; the log's checkpoint says that it is durable up to address {checkpoint.Address}.");
            }

            if (length < needed)
            {
                throw new InvalidDataException($"{files.PathOf(segment)} has {length} bytes; {needed} of them were durable by the log's checkpoint.");
            }
        }
    }

    /// <summary>None may be missing between a segment, if it is there, and the last one.</summary>
    /// <exception cref="InvalidDataException">One is missing.</exception>
    public void RequireNoGapFrom(int first)
    {
        var start = _lengths.IndexOfKey(first);
        for (var i = start + 1; start >= 0 && i < _lengths.Count; i++)
        {
            if (_lengths.Keys[i] != _lengths.Keys[i - 1] + 1)
            {
                throw new InvalidDataException($"{files.PathOf(_lengths.Keys[i - 1] + 1)} is missing between two segments of the log.");
            }
        }
    }
}
