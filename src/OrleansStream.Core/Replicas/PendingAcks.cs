namespace OrleansStream.Core.Replicas;

/// <summary>The produces that wait for durability: for the leader's own flush (acks=1) or for the high watermark (acks=-1).</summary>
internal sealed class PendingAcks
{
    private readonly PriorityQueue<Pending, (long Offset, long Ticket)> _ownFlush = new();
    private readonly PriorityQueue<Pending, (long Offset, long Ticket)> _allReplicas = new();

    public int Count => _ownFlush.Count + _allReplicas.Count;

    public void Add(long ticket, long requiredOffset, bool allReplicas, long deadlineMs)
        => (allReplicas ? _allReplicas : _ownFlush).Enqueue(new Pending(ticket, deadlineMs), (requiredOffset, ticket));

    /// <summary>Takes out what the offsets satisfy, in the order of offsets.</summary>
    public void Complete(long flushedOffset, long highWatermark, ErrorCode allReplicasOutcome, List<AckOutcome> outcomes)
    {
        CompleteUpTo(_ownFlush, flushedOffset, ErrorCode.None, outcomes);
        CompleteUpTo(_allReplicas, highWatermark, allReplicasOutcome, outcomes);
    }

    /// <summary>Takes out everything.</summary>
    public void FailAll(ErrorCode error, List<AckOutcome> outcomes)
    {
        CompleteUpTo(_ownFlush, long.MaxValue, error, outcomes);
        CompleteUpTo(_allReplicas, long.MaxValue, error, outcomes);
    }

    /// <summary>Takes out what has waited too long.</summary>
    public void Expire(long nowMs, List<AckOutcome> outcomes)
    {
        ExpireIn(_ownFlush, nowMs, outcomes);
        ExpireIn(_allReplicas, nowMs, outcomes);
    }

    /// <summary>The earliest deadline; null when nothing waits.</summary>
    public long? EarliestDeadlineMs()
    {
        long? earliest = null;
        foreach (var queue in (ReadOnlySpan<PriorityQueue<Pending, (long, long)>>)[_ownFlush, _allReplicas])
        {
            foreach (var (pending, _) in queue.UnorderedItems)
            {
                earliest = earliest is { } e ? Math.Min(e, pending.DeadlineMs) : pending.DeadlineMs;
            }
        }

        return earliest;
    }

    private static void CompleteUpTo(
        PriorityQueue<Pending, (long Offset, long Ticket)> queue, long offset, ErrorCode error, List<AckOutcome> outcomes)
    {
        while (queue.TryPeek(out var pending, out var priority) && priority.Offset <= offset)
        {
            queue.Dequeue();
            outcomes.Add(new AckOutcome(pending.Ticket, error));
        }
    }

    private static void ExpireIn(
        PriorityQueue<Pending, (long Offset, long Ticket)> queue, long nowMs, List<AckOutcome> outcomes)
    {
        var first = outcomes.Count;
        var kept = new List<(Pending, (long, long))>(queue.Count);
        foreach (var (pending, priority) in queue.UnorderedItems)
        {
            if (pending.DeadlineMs <= nowMs)
            {
                outcomes.Add(new AckOutcome(pending.Ticket, ErrorCode.RequestTimedOut));
            }
            else
            {
                kept.Add((pending, priority));
            }
        }

        if (outcomes.Count == first)
        {
            return;
        }

        outcomes.Sort(first, outcomes.Count - first, Comparer<AckOutcome>.Create((a, b) => a.Ticket.CompareTo(b.Ticket)));
        queue.Clear();
        queue.EnqueueRange(kept);
    }

    private readonly record struct Pending(long Ticket, long DeadlineMs);
}
