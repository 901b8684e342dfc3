using OrleansStream.Storage.Compaction;
using OrleansStream.Storage.Files;

namespace OrleansStream.Storage;

/// <content>Opening a log that has a compacted part.</content>
public sealed partial class PartitionLog
{
    private bool _isRecovering;
    private bool _isManifestStale;

    /// <summary>Reads the manifest, if there is one, and takes the state that it describes: the log as it was at the end of the compacted part.</summary>
    private void OpenCompactedPart()
    {
        _isRecovering = true;
        if (CompactionManifest.TryLoad(_environment.FileSystem, _directory) is not { } manifest)
        {
            return;
        }

        _part = CompactedPart.Open(_environment.FileSystem, _environment.Handles, _directory, manifest, _config.IndexIntervalBytes);
        _tailStart = manifest.TailAddress;
        _logStart = manifest.LogStartOffset;
        _logEnd = Math.Max(manifest.EndOffset, manifest.LogStartOffset);
        _maxTimestamp = manifest.MaxTimestamp;
        _maxTimestampOffset = manifest.MaxTimestampOffset;
        foreach (var epoch in manifest.Epochs)
        {
            _epochs.Append(epoch.Epoch, epoch.StartOffset);
        }

        _latestEpoch = _epochs.Latest;
    }

    /// <summary>A tail truncation that reached into the compacted part, met again: a crash may have come before the manifest.</summary>
    private void CutPartInRecovery(long endOffset)
    {
        if (_isRecovering && CutPart(endOffset) is { } cut)
        {
            InstallCut(cut);
            _isManifestStale = true;
        }
    }

    /// <summary>
    /// Takes the largest timestamp that a truncation marker names. What had it may have been compacted away since: then it is
    /// what the compacted part and the scan have found.
    /// </summary>
    private void TakeMaxTimestamp(long timestamp, long offset)
    {
        if (!_isRecovering || _part is null || offset >= _part.EndOffset)
        {
            _maxTimestamp = timestamp;
            _maxTimestampOffset = offset;
        }
    }

    /// <summary>Ends the recovery: from here on no scan meets the truncation again.</summary>
    private void SaveManifestOfCutPart()
    {
        _isRecovering = false;
        if (_isManifestStale)
        {
            _part!.Manifest.Save(_environment.FileSystem, _directory);
            _isManifestStale = false;
        }
    }

    /// <summary>Deletes what passes have left that a crash interrupted; true if there was something.</summary>
    private bool DeleteOtherGenerations()
    {
        var deleted = false;
        foreach (var file in _environment.FileSystem.List(_directory))
        {
            if (SegmentFiles.TryParseName(file.Name, out var generation, out var segment)
                && generation != _files.Generation
                && !(_part is not null && generation == _part.Files.Generation && segment >= _part.Manifest.FirstSegment && segment < _part.EndSegment))
            {
                _environment.FileSystem.Delete(Path.Combine(_directory, file.Name));
                deleted = true;
            }
        }

        return deleted;
    }
}
