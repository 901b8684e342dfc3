namespace OrleansStream.Storage.Indexes;

/// <summary>Where each leader epoch's records start (KIP-101). Not thread-safe.</summary>
internal sealed class EpochCache
{
    private readonly List<EpochStart> _epochs = [];

    /// <summary>The epochs in order.</summary>
    public IReadOnlyList<EpochStart> Epochs => _epochs;

    /// <summary>The epoch of the last batch; -1 if there is none.</summary>
    public int Latest => _epochs.Count == 0 ? -1 : _epochs[^1].Epoch;

    /// <summary>Notes the epoch of an appended batch.</summary>
    public void Append(int epoch, long offset)
    {
        if (epoch > Latest)
        {
            _epochs.Add(new EpochStart(epoch, offset));
        }
    }

    /// <summary>The largest epoch not above another and the offset at which it ends; (-1, -1) if there is none.</summary>
    public (int Epoch, long EndOffset) EndOffsetFor(int epoch, long logEndOffset)
    {
        for (var position = _epochs.Count - 1; position >= 0; position--)
        {
            if (_epochs[position].Epoch <= epoch)
            {
                return (_epochs[position].Epoch, position == _epochs.Count - 1 ? logEndOffset : _epochs[position + 1].StartOffset);
            }
        }

        return (-1, -1);
    }

    /// <summary>The epoch of the record at an offset; -1 if it lies before the first epoch.</summary>
    public int EpochAt(long offset)
    {
        for (var position = _epochs.Count - 1; position >= 0; position--)
        {
            if (_epochs[position].StartOffset <= offset)
            {
                return _epochs[position].Epoch;
            }
        }

        return -1;
    }

    /// <summary>Forgets the epochs that end at or before a new log start offset; the one that spans it starts there.</summary>
    public void CutHead(long logStartOffset)
    {
        while (_epochs.Count > 1 && _epochs[1].StartOffset <= logStartOffset)
        {
            _epochs.RemoveAt(0);
        }

        if (_epochs.Count > 0 && _epochs[0].StartOffset < logStartOffset)
        {
            _epochs[0] = _epochs[0] with { StartOffset = logStartOffset };
        }
    }

    /// <summary>Forgets the epochs that start at or above a new log end offset.</summary>
    public void CutTail(long logEndOffset)
    {
        while (_epochs.Count > 0 && _epochs[^1].StartOffset >= logEndOffset)
        {
            _epochs.RemoveAt(_epochs.Count - 1);
        }
    }

    /// <summary>Forgets everything.</summary>
    public void Clear() => _epochs.Clear();
}

/// <summary>A leader epoch and the offset of its first record.</summary>
internal readonly record struct EpochStart(int Epoch, long StartOffset);
