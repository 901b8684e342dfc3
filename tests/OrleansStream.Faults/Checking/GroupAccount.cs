namespace OrleansStream.Faults.Checking;

/// <summary>What a group was told to be committed: no member may start before it, and nobody may be told less. Safe for concurrent use.</summary>
public sealed class GroupAccount
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, long> _committed = [];

    /// <summary>How often partitions were handed to a member.</summary>
    public int Assignments { get; private set; }

    /// <summary>How many commits were acknowledged.</summary>
    public long Commits { get; private set; }

    /// <summary>The largest acknowledged commit of a partition, 0 for none.</summary>
    public long Committed(int partition)
    {
        lock (_gate)
        {
            return _committed.GetValueOrDefault(partition);
        }
    }

    /// <summary>A commit was acknowledged.</summary>
    public void Acknowledge(int partition, long offset)
    {
        lock (_gate)
        {
            _committed[partition] = Math.Max(_committed.GetValueOrDefault(partition), offset);
            Commits++;
        }
    }

    /// <summary>Partitions were handed to a member.</summary>
    public void Assign(int count)
    {
        lock (_gate)
        {
            Assignments += count;
        }
    }
}
