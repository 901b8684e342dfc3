namespace OrleansStream.Grains.Partitions;

/// <content>The produces that wait for durability, and one timer for their deadlines.</content>
internal sealed partial class OpenReplica
{
    private readonly Dictionary<long, TaskCompletionSource<ErrorCode>> _acks = [];
    private long _lastTicket;
    private ITimer? _ackTimer;
    private long _ackTimerDueMs = long.MaxValue;

    private Task<ErrorCode> AddAck(long ticket, long deadlineMs)
    {
        var ack = new TaskCompletionSource<ErrorCode>(TaskCreationOptions.RunContinuationsAsynchronously);
        _acks.Add(ticket, ack);
        if (deadlineMs < _ackTimerDueMs)
        {
            ArmAckTimer(deadlineMs);
        }

        return ack.Task;
    }

    private void SettleAck(long ticket, ErrorCode error)
    {
        if (_acks.Remove(ticket, out var ack))
        {
            ack.SetResult(error);
        }
    }

    /// <summary>
    /// The timer stands at the earliest deadline that was ever waited for and is set anew only when it fires: nearly every
    /// produce is answered long before its deadline.
    /// </summary>
    private void ArmAckTimer(long deadlineMs)
    {
        _ackTimerDueMs = deadlineMs;
        var due = TimeSpan.FromMilliseconds(Math.Max(1, deadlineMs - NowMs));
        if (_ackTimer is null)
        {
            _ackTimer = _services.Time.CreateTimer(
                static state =>
                {
                    var self = (OpenReplica)state!;
                    _ = Task.Factory.StartNew(self.OnAckTimer, CancellationToken.None, TaskCreationOptions.DenyChildAttach, self._turns);
                },
                this,
                due,
                Timeout.InfiniteTimeSpan);
        }
        else
        {
            _ackTimer.Change(due, Timeout.InfiniteTimeSpan);
        }
    }

    private void OnAckTimer()
    {
        _ackTimerDueMs = long.MaxValue;
        CarryOut(Replica.ExpireAcks(NowMs));
        if (Replica.NextAckDeadlineMs() is { } next)
        {
            ArmAckTimer(next);
        }
    }
}
