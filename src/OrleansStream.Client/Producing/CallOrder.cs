namespace OrleansStream.Client;

/// <summary>
/// Keeps the records of a topic in the order of the calls while some of them have to wait, for metadata or for room in
/// the buffer: as long as one waits, later calls line up behind it instead of taking the direct way. Thread-safe.
/// </summary>
/// <remarks>
/// When a call leaves, the same thread goes on with the next one, until one has to wait or nobody is left: a burst that came
/// before the topic's first metadata fills its batches as if it had come after.
/// </remarks>
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

            var turn = new Turn(this, lane, isFirst: lane.Turns.Count == 0);
            lane.Turns.Enqueue(turn);
            _waiting++;
            return turn;
        }
    }

    private void Leave(Lane lane, Turn turn)
    {
        lock (_gate)
        {
            turn.HasLeft = true;
            if (lane.IsAdvancing || !turn.HasCome)
            {
                // Whoever advances sees it; one that was cancelled in the line is passed over when its turn would have come.
                return;
            }

            lane.IsAdvancing = true;
        }

        while (TakeNext(lane) is { } next)
        {
            next.Come();
        }
    }

    /// <summary>The call whose turn comes; null when the one before has not left yet or nobody is left.</summary>
    private Turn? TakeNext(Lane lane)
    {
        lock (_gate)
        {
            Turn? next;
            while (lane.Turns.TryPeek(out next) && next.HasLeft)
            {
                lane.Turns.Dequeue();
                _waiting--;
            }

            if (next is { HasCome: false })
            {
                next.HasCome = true;
                return next;
            }

            lane.IsAdvancing = false;
            if (next is null)
            {
                _lanes.Remove(lane.Topic);
            }

            return null;
        }
    }

    /// <summary>The calls of one topic that wait, in their order. Guarded by the order's lock.</summary>
    internal sealed class Lane(string topic)
    {
        public string Topic { get; } = topic;

        /// <summary>The first of them is the one whose turn it is.</summary>
        public Queue<Turn> Turns { get; } = new();

        /// <summary>Whether a thread goes from turn to turn.</summary>
        public bool IsAdvancing { get; set; }
    }

    /// <summary>One call's place.</summary>
    internal sealed class Turn
    {
        private readonly CallOrder _order;
        private readonly Lane _lane;

        // Goes on with the call at once, on the thread that let it come.
        private readonly TaskCompletionSource? _comes;

        internal Turn(CallOrder order, Lane lane, bool isFirst)
        {
            _order = order;
            _lane = lane;
            HasCome = isFirst;
            _comes = isFirst ? null : new TaskCompletionSource();
        }

        /// <summary>
        /// Whether the call may have been lined up. Then it is on the thread that serves the line, which the caller's own code
        /// must not get.
        /// </summary>
        public bool WasInLine => _comes is not null;

        internal bool HasCome { get; set; }

        internal bool HasLeft { get; set; }

        /// <summary>Completes when all earlier calls have left.</summary>
        public Task ComesAsync(CancellationToken cancellationToken) => _comes?.Task.WaitAsync(cancellationToken) ?? Task.CompletedTask;

        /// <summary>Lets the next call go on.</summary>
        public void Leave() => _order.Leave(_lane, this);

        internal void Come() => _comes!.SetResult();
    }
}
