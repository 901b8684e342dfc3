namespace OrleansStream.Engine.Calls;

/// <summary>The calls inside this silo that are not answered, for their time-outs. Adding and removing takes constant time.</summary>
internal sealed class LocalCalls
{
    private readonly Stripe[] _stripes = [.. Enumerable.Range(0, 16).Select(_ => new Stripe())];

    public void Add(PendingCall call) => _stripes[Environment.CurrentManagedThreadId & 15].Add(call);

    public void EndExpired(long timestamp)
    {
        foreach (var stripe in _stripes)
        {
            foreach (var call in stripe.Snapshot())
            {
                call.EndIfExpired(timestamp);
            }
        }
    }

    public void EndAll(Func<Exception> error)
    {
        foreach (var stripe in _stripes)
        {
            foreach (var call in stripe.Snapshot())
            {
                call.Fail(error());
            }
        }
    }

    /// <summary>One of several lists, so that threads seldom meet.</summary>
    internal sealed class Stripe
    {
        private readonly Lock _gate = new();
        private PendingCall? _first;

        public void Add(PendingCall call)
        {
            lock (_gate)
            {
                call.Stripe = this;
                call.Next = _first;
                if (_first is not null)
                {
                    _first.Previous = call;
                }

                _first = call;
            }

            // It may have ended before it was here to be removed.
            if (call.IsEnded)
            {
                Remove(call);
            }
        }

        public void Remove(PendingCall call)
        {
            lock (_gate)
            {
                if (call.Stripe is null)
                {
                    return;
                }

                if (call.Previous is null)
                {
                    _first = call.Next;
                }
                else
                {
                    call.Previous.Next = call.Next;
                }

                if (call.Next is not null)
                {
                    call.Next.Previous = call.Previous;
                }

                call.Previous = call.Next = null;
                call.Stripe = null;
            }
        }

        public List<PendingCall> Snapshot()
        {
            var calls = new List<PendingCall>();
            lock (_gate)
            {
                for (var call = _first; call is not null; call = call.Next)
                {
                    calls.Add(call);
                }
            }

            return calls;
        }
    }
}
