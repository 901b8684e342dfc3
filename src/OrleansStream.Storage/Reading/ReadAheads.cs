using OrleansStream.Storage.Buffers;

namespace OrleansStream.Storage.Reading;

/// <summary>
/// What a log has read ahead for readers that go through it: while one answer is on its way, the next range comes from the
/// disk. It belongs to the reader that asks for its first offset; nobody else sees it, and it is dropped when nobody asks.
/// Guarded by the log's lock.
/// </summary>
/// <param name="budget">The memory for it, over all logs.</param>
/// <param name="time">The clock.</param>
internal sealed class ReadAheads(ReadAheadBudget budget, TimeProvider time)
{
    /// <summary>Less than this is not worth a read that may turn out to be in vain.</summary>
    public const int MinBytes = 256 * 1024;

    private const int MaxBytes = 4 * 1024 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly List<ReadAhead> _expected = [];
    private int _version;

    /// <summary>How many readers are expected.</summary>
    public int Count => _expected.Count;

    /// <summary>What was read ahead from an offset on, if anything; the caller owns it now, and its part of the budget.</summary>
    public ReadAhead? Take(long offset)
    {
        for (var i = 0; i < _expected.Count; i++)
        {
            if (_expected[i].Offset == offset)
            {
                var ahead = _expected[i];
                _expected.RemoveAt(i);
                return ahead;
            }
        }

        return null;
    }

    /// <summary>Reserves memory to read ahead from an offset on; false if that is done already, or there is none left.</summary>
    /// <param name="offset">The offset.</param>
    /// <param name="maxBytes">What its reader takes at a time.</param>
    /// <param name="bytes">How much to read.</param>
    public bool TryReserve(long offset, int maxBytes, out int bytes)
    {
        bytes = Math.Clamp(maxBytes, MinBytes, MaxBytes);
        return !_expected.Exists(ahead => ahead.Offset == offset) && budget.TryReserve(bytes);
    }

    /// <summary>Expects a reader for what was reserved.</summary>
    public void Add(long offset, int bytes, Task<FoundBatches> fill) => _expected.Add(new ReadAhead(offset, bytes, _version, fill, time.GetTimestamp()));

    /// <summary>Whether the log is still as it was when something was read ahead.</summary>
    public bool IsCurrent(ReadAhead ahead) => ahead.Version == _version;

    /// <summary>Gives back the memory of something that was taken.</summary>
    public void Return(ReadAhead ahead) => budget.Return(ahead.ReservedBytes);

    /// <summary>Takes back what its reader has not used, or not all of; it is dropped if the log has changed since.</summary>
    public void Keep(ReadAhead ahead)
    {
        if (IsCurrent(ahead))
        {
            _expected.Add(ahead);
        }
        else
        {
            Return(ahead);
        }
    }

    /// <summary>The same, for a reader that comes again for what follows.</summary>
    public void Keep(ReadAhead ahead, long offset, FoundBatches rest) =>
        Keep(ahead with { Offset = offset, Fill = Task.FromResult(rest), Since = time.GetTimestamp() });

    /// <summary>Drops everything, because the log has changed or is closed.</summary>
    /// <returns>Completes when nothing of it uses the files any more.</returns>
    public Task Drop()
    {
        _version++;
        if (_expected.Count == 0)
        {
            return Task.CompletedTask;
        }

        var fills = Task.WhenAll(_expected.Select(ahead => ahead.Fill));
        _expected.ForEach(Return);
        _expected.Clear();
        return fills;
    }

    /// <summary>Drops what no reader has come for.</summary>
    public void DropIdle()
    {
        for (var i = _expected.Count - 1; i >= 0; i--)
        {
            if (time.GetElapsedTime(_expected[i].Since) >= Patience)
            {
                Return(_expected[i]);
                _expected.RemoveAt(i);
            }
        }
    }
}
