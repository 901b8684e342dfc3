using System.Diagnostics;

namespace OrleansStream.Faults.Checking;

/// <summary>What a group was told to be committed: no member may start before it, and nobody may be told less. Safe for concurrent use.</summary>
public sealed class GroupAccount
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, long> _committed = [];
    private readonly Dictionary<int, (long Floor, Queue<(long Time, long Offset)> Recent)> _settling = [];

    /// <summary>A commit older than this was known to a member that starts to read now, however late its lines arrive here.</summary>
    private static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(5);

    /// <summary>How often partitions were handed to a member.</summary>
    public int Assignments { get; private set; }

    /// <summary>How often a member was started again.</summary>
    public int Restarts { get; private set; }

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
            Settle(partition).Recent.Enqueue((Stopwatch.GetTimestamp(), offset));
        }
    }

    /// <summary>The largest commit of a partition that was acknowledged some seconds ago, 0 for none: a member must not start before it.</summary>
    public long SettledFloor(int partition)
    {
        lock (_gate)
        {
            return Settle(partition).Floor;
        }
    }

    /// <summary>A member was started again.</summary>
    public void Restart()
    {
        lock (_gate)
        {
            Restarts++;
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

    private (long Floor, Queue<(long Time, long Offset)> Recent) Settle(int partition)
    {
        var (floor, recent) = _settling.TryGetValue(partition, out var found) ? found : (0, new());
        while (recent.TryPeek(out var oldest) && Stopwatch.GetElapsedTime(oldest.Time) > SettleTime)
        {
            floor = Math.Max(floor, recent.Dequeue().Offset);
        }

        _settling[partition] = (floor, recent);
        return (floor, recent);
    }
}
