namespace OrleansStream.Faults.Checking;

/// <summary>
/// Holds one replica's log of a topic against the history: every acknowledged record is there, at its offset; nothing is there
/// twice or out of order; nothing that was not sent.
/// </summary>
public sealed class LogCheck
{
    private const int MaxFindings = 10;

    private readonly TopicHistory _history;
    private readonly long[][] _acknowledged;
    private readonly long[] _lastSequence;
    private readonly long[] _lastOffset;
    private readonly long[] _found;
    private readonly HashCode[] _hashes;
    private readonly List<string> _findings = [];
    private int _findingCount;

    /// <summary>Begins a check.</summary>
    public LogCheck(TopicHistory history)
    {
        _history = history;
        _acknowledged = [.. history.Partitions.Select(partition => partition.Offsets())];
        _lastSequence = [.. history.Partitions.Select(_ => -1L)];
        _lastOffset = [.. history.Partitions.Select(_ => -1L)];
        _found = new long[history.Partitions.Count];
        _hashes = new HashCode[history.Partitions.Count];
    }

    /// <summary>How many records were seen.</summary>
    public long RecordCount { get; private set; }

    /// <summary>The next record of a partition.</summary>
    public void Take(int partition, long offset, ReadOnlySpan<byte> value)
    {
        RecordCount++;
        _hashes[partition].Add(offset);
        _hashes[partition].AddBytes(value);
        if (offset <= _lastOffset[partition])
        {
            Find($"offset {offset} of partition {partition} comes after offset {_lastOffset[partition]}");
        }

        _lastOffset[partition] = offset;
        var sequence = RecordValue.Read(value, partition);
        if (sequence < 0 || sequence >= _acknowledged[partition].Length)
        {
            Find($"offset {offset} of partition {partition} holds a record that was never sent to it");
            return;
        }

        if (sequence <= _lastSequence[partition])
        {
            Find($"record {sequence} of partition {partition} is at offset {offset}, after record {_lastSequence[partition]}: doubled or out of order");
        }

        _lastSequence[partition] = Math.Max(_lastSequence[partition], sequence);
        var acknowledged = _acknowledged[partition][sequence];
        if (acknowledged < 0)
        {
            return;
        }

        if (acknowledged == offset || acknowledged == PartitionHistory.Somewhere)
        {
            _found[partition]++;
        }
        else
        {
            Find($"record {sequence} of partition {partition} was acknowledged at offset {acknowledged} and is at {offset}");
        }
    }

    /// <summary>What is wrong, when everything was taken; and a hash of each partition's content.</summary>
    public (IReadOnlyList<string> Findings, int[] Hashes) Finish()
    {
        for (var partition = 0; partition < _found.Length; partition++)
        {
            var expected = _acknowledged[partition].LongCount(offset => offset >= 0);
            if (_found[partition] != expected)
            {
                Find($"partition {partition} of {_history.Topic}: {expected - _found[partition]} of {expected} acknowledged records are missing; its last offset is {_lastOffset[partition]}");
            }
        }

        if (_findingCount > MaxFindings)
        {
            _findings.Add($"and {_findingCount - MaxFindings} more");
        }

        return (_findings, [.. _hashes.Select(hash => hash.ToHashCode())]);
    }

    private void Find(string finding)
    {
        if (_findingCount++ < MaxFindings)
        {
            _findings.Add(finding);
        }
    }
}
