using System.Diagnostics;

namespace OrleansStream.Faults.Checking;

/// <summary>
/// What was sent to one partition, in order of sequence numbers from 0, and what became of it. Safe for concurrent use.
/// </summary>
public sealed class PartitionHistory(int partition)
{
    /// <summary>The offset of an acknowledged record whose place the client does not know.</summary>
    public const long Somewhere = long.MaxValue;

    private const long Pending = -1;
    private const long Failed = -2;

    private readonly Lock _gate = new();
    private readonly List<long> _offsets = [];
    private readonly List<bool> _consumed = [];
    private long _lastReported = -1;
    private long _lastOffset = -1;
    private long _lastAcknowledged = Stopwatch.GetTimestamp();
    private TimeSpan _longestGap;
    private long _unconsumed;
    private int _settled;

    /// <summary>The partition's number.</summary>
    public int Partition => partition;

    /// <summary>How many records were acknowledged.</summary>
    public long AcknowledgedCount { get; private set; }

    /// <summary>How many records were reported as not delivered.</summary>
    public long FailedCount { get; private set; }

    /// <summary>How many acknowledged records no member of the group has read yet.</summary>
    public long UnconsumedCount
    {
        get
        {
            lock (_gate)
            {
                return _unconsumed;
            }
        }
    }

    /// <summary>How many records were sent.</summary>
    public long SentCount
    {
        get
        {
            lock (_gate)
            {
                return _offsets.Count;
            }
        }
    }

    /// <summary>The number of the record that is sent now.</summary>
    public long Begin()
    {
        lock (_gate)
        {
            _offsets.Add(Pending);
            _consumed.Add(false);
            return _offsets.Count - 1;
        }
    }

    /// <summary>A record is acknowledged, at <see cref="Somewhere"/> or an offset. Returns what is wrong about that; null for nothing.</summary>
    public string? Acknowledge(long sequence, long offset)
    {
        lock (_gate)
        {
            var now = Stopwatch.GetTimestamp();
            Note(now);
            _lastAcknowledged = now;
            var before = (_lastReported, _lastOffset);
            var was = _offsets[(int)sequence];
            _offsets[(int)sequence] = offset;
            _lastReported = Math.Max(_lastReported, sequence);
            _lastOffset = offset == Somewhere ? _lastOffset : Math.Max(_lastOffset, offset);
            AcknowledgedCount++;
            _unconsumed += _consumed[(int)sequence] ? 0 : 1;
            return was != Pending ? $"record {sequence} of partition {partition} was reported twice ({was}, {offset})"
                : sequence <= before._lastReported ? $"record {sequence} of partition {partition} was acknowledged after record {before._lastReported}"
                : offset <= before._lastOffset ? $"record {sequence} of partition {partition} was acknowledged at offset {offset}, not behind {before._lastOffset}"
                : null;
        }
    }

    /// <summary>A record was reported as not delivered: it may be in the log or not.</summary>
    public void Fail(long sequence)
    {
        lock (_gate)
        {
            _offsets[(int)sequence] = Failed;
            _lastReported = Math.Max(_lastReported, sequence);
            FailedCount++;
        }
    }

    /// <summary>Nothing will be reported of what is still under way: it may be in the log or not. Returns how many records that are.</summary>
    public int FailPending()
    {
        lock (_gate)
        {
            var count = 0;
            for (var i = _settled; i < _offsets.Count; i++)
            {
                if (_offsets[i] == Pending)
                {
                    _offsets[i] = Failed;
                    count++;
                }
            }

            _settled = _offsets.Count;
            FailedCount += count;
            return count;
        }
    }

    /// <summary>A member of the group has read a record.</summary>
    public void Consume(long sequence)
    {
        lock (_gate)
        {
            if (sequence < _consumed.Count && !_consumed[(int)sequence])
            {
                _consumed[(int)sequence] = true;
                _unconsumed -= _offsets[(int)sequence] >= 0 ? 1 : 0;
            }
        }
    }

    /// <summary>Begins to measure the longest time without acknowledgement.</summary>
    public void BeginWindow()
    {
        lock (_gate)
        {
            _longestGap = TimeSpan.Zero;
            _lastAcknowledged = Stopwatch.GetTimestamp();
        }
    }

    /// <summary>The longest time without acknowledgement since the window began.</summary>
    public TimeSpan LongestGap()
    {
        lock (_gate)
        {
            Note(Stopwatch.GetTimestamp());
            return _longestGap;
        }
    }

    /// <summary>The offset of each record in order of their numbers; negative where it was not acknowledged.</summary>
    public long[] Offsets()
    {
        lock (_gate)
        {
            return [.. _offsets];
        }
    }

    /// <summary>The first acknowledged record that nobody has read; -1 for none.</summary>
    public long FirstUnconsumed()
    {
        lock (_gate)
        {
            return Enumerable.Range(0, _offsets.Count).FirstOrDefault(i => _offsets[i] >= 0 && !_consumed[i], -1);
        }
    }

    private void Note(long now)
    {
        var gap = Stopwatch.GetElapsedTime(_lastAcknowledged, now);
        if (gap > _longestGap)
        {
            _longestGap = gap;
        }
    }
}
