namespace OrleansStream.Core.Groups;

/// <summary>
/// The deadlines of a coordinator on the monotonic clock. Putting a deadline off, which every heartbeat does, costs a look-up: the
/// queue keeps the old entry, which is put in its place when it comes up.
/// </summary>
internal sealed class GroupTimers
{
    private readonly Dictionary<GroupTimer, Entry> _deadlines = [];
    private readonly PriorityQueue<GroupTimer, (long Deadline, long Order)> _queue = new();
    private long _order;

    /// <summary>When to look next; null without deadlines. May be too early, never too late.</summary>
    public long? NextDeadlineMs
    {
        get
        {
            while (_queue.TryPeek(out var timer, out var priority))
            {
                if (_deadlines.TryGetValue(timer, out var entry) && entry.QueuedAt == priority.Deadline)
                {
                    return priority.Deadline;
                }

                _queue.Dequeue();
            }

            return null;
        }
    }

    public bool Contains(GroupTimer timer) => _deadlines.ContainsKey(timer);

    public void Schedule(GroupTimer timer, long deadlineMs)
    {
        if (_deadlines.TryGetValue(timer, out var entry) && entry.QueuedAt <= deadlineMs)
        {
            _deadlines[timer] = entry with { Deadline = deadlineMs };
            return;
        }

        _deadlines[timer] = new Entry(deadlineMs, deadlineMs);
        _queue.Enqueue(timer, (deadlineMs, _order++));
    }

    public void Cancel(GroupTimer timer) => _deadlines.Remove(timer);

    /// <summary>Takes one deadline that has passed.</summary>
    public bool TryTakeExpired(long nowMs, out GroupTimer timer)
    {
        while (_queue.TryPeek(out timer, out var priority) && priority.Deadline <= nowMs)
        {
            _queue.Dequeue();
            if (!_deadlines.TryGetValue(timer, out var entry) || entry.QueuedAt != priority.Deadline)
            {
                continue;
            }

            if (entry.Deadline <= nowMs)
            {
                _deadlines.Remove(timer);
                return true;
            }

            _deadlines[timer] = entry with { QueuedAt = entry.Deadline };
            _queue.Enqueue(timer, (entry.Deadline, _order++));
        }

        timer = default;
        return false;
    }

    /// <param name="Deadline">When the timer is over.</param>
    /// <param name="QueuedAt">Where it stands in the queue; not after the deadline.</param>
    private readonly record struct Entry(long Deadline, long QueuedAt);
}

/// <summary>Names a deadline.</summary>
/// <param name="Kind">What it is for.</param>
/// <param name="GroupId">The group; empty for the whole coordinator.</param>
/// <param name="MemberId">The member; empty for the whole group.</param>
internal readonly record struct GroupTimer(GroupTimerKind Kind, string GroupId, string MemberId);

/// <summary>What a deadline is for.</summary>
internal enum GroupTimerKind
{
    /// <summary>A member's session, whichever protocol it follows.</summary>
    Session,

    /// <summary>The members of a classic group must have joined by now.</summary>
    Join,

    /// <summary>The members of a classic group must have synced by now.</summary>
    Sync,

    /// <summary>A member of a consumer group must have given its partitions back by now.</summary>
    Revocation,

    /// <summary>A classic member of a consumer group must have joined again by now.</summary>
    MemberJoin,

    /// <summary>A classic member of a consumer group must have synced by now.</summary>
    MemberSync,

    /// <summary>Expired offsets are looked for.</summary>
    OffsetExpiry,
}
