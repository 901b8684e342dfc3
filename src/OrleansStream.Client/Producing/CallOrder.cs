namespace OrleansStream.Client;

/// <summary>
/// Keeps the records of a topic in the order of the calls while some of them have to wait, for metadata or for room in
/// the buffer: as long as one waits, later calls line up behind it instead of taking the direct way. Thread-safe.
/// </summary>
internal sealed class CallOrder
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Lane> _lanes = new(StringComparer.Ordinal);
    private int _waiting;

    /// <summary>Whether a call for the topic waits.</summary>
    public bool MustWait(string topic)
    {
        if (Volatile.Read(ref _waiting) == 0)
        {
            return false;
        }

        lock (_gate)
        {
            return _lanes.ContainsKey(topic);
        }
    }

    /// <summary>Lines up behind the calls that wait. Each turn is left exactly once, as soon as the record is in the buffer or given up.</summary>
    public Turn Join(string topic)
    {
        lock (_gate)
        {
            if (!_lanes.TryGetValue(topic, out var lane))
            {
                lane = new Lane(topic);
                _lanes.Add(topic, lane);
            }

            var turn = new Turn(this, lane, lane.Last);
            lane.Last = turn.Left;
            lane.Count++;
            _waiting++;
            return turn;
        }
    }

    private void Leave(Lane lane)
    {
        lock (_gate)
        {
            _waiting--;
            if (--lane.Count == 0)
            {
                _lanes.Remove(lane.Topic);
            }
        }
    }

    /// <summary>The calls of one topic that wait.</summary>
    public sealed class Lane(string topic)
    {
        /// <summary>The topic.</summary>
        public string Topic { get; } = topic;

        /// <summary>Completes when the call that came last has left.</summary>
        public Task Last { get; set; } = Task.CompletedTask;

        /// <summary>The number of calls.</summary>
        public int Count { get; set; }
    }

    /// <summary>One call's place.</summary>
    public sealed class Turn(CallOrder order, Lane lane, Task before)
    {
        private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Completes when the call has left.</summary>
        public Task Left => _left.Task;

        /// <summary>Completes when all earlier calls have left.</summary>
        public Task ComesAsync(CancellationToken cancellationToken) => before.WaitAsync(cancellationToken);

        /// <summary>Lets the next call go on; one that was cancelled in the line does so when its turn would have come.</summary>
        public void Leave()
        {
            if (before.IsCompleted)
            {
                Complete();
            }
            else
            {
                before.ContinueWith(
                    static (_, turn) => ((Turn)turn!).Complete(),
                    this,
                    CancellationToken.None,
                    TaskContinuationOptions.ExecuteSynchronously,
                    TaskScheduler.Default);
            }
        }

        private void Complete()
        {
            order.Leave(lane);
            _left.SetResult();
        }
    }
}
