using System.Diagnostics.CodeAnalysis;
using OrleansStream.ZooKeeper.Requests;
using OrleansStream.ZooKeeper.Wire;

namespace OrleansStream.ZooKeeper.Session;

/// <summary>The requests of a session: those that wait, and those that were sent and wait for their answer. Thread-safe.</summary>
internal sealed class RequestQueue(int capacity)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<PendingRequest> _waiting = [];
    private readonly Queue<PendingRequest> _sent = [];
    private readonly Queue<PendingRequest> _sentAuth = [];
    private Exception? _ended;
    private int _lastXid;

    /// <summary>Adds a request at the end.</summary>
    /// <exception cref="ZooKeeperConnectionLossException">There are too many.</exception>
    public void Add(PendingRequest request)
    {
        lock (_lock)
        {
            if (_ended is not null)
            {
                throw _ended;
            }

            if (_waiting.Count + _sent.Count >= capacity)
            {
                throw new ZooKeeperConnectionLossException($"{capacity} requests wait for ZooKeeper already; this one was not sent.", isOutcomeUnknown: false);
            }

            _waiting.AddLast(request);
        }
    }

    /// <summary>Takes the next request to send; it counts as sent from now on.</summary>
    public bool TrySend([NotNullWhen(true)] out PendingRequest? request)
    {
        lock (_lock)
        {
            while (_waiting.First is { Value.IsAbandoned: true })
            {
                _waiting.RemoveFirst();
            }

            if (_waiting.First is not { } first)
            {
                request = null;
                return false;
            }

            request = first.Value;
            _waiting.RemoveFirst();
            if (request.OpCode == OpCode.Auth)
            {
                // Answered out of turn.
                request.Xid = Xid.Auth;
                _sentAuth.Enqueue(request);
            }
            else
            {
                request.Xid = _lastXid = _lastXid == int.MaxValue ? 1 : _lastXid + 1;
                _sent.Enqueue(request);
            }

            return true;
        }
    }

    /// <summary>Takes the request that an answer belongs to: answers come in the order of the requests.</summary>
    /// <exception cref="ZooKeeperProtocolException">It belongs to none, or to another than the next.</exception>
    public PendingRequest TakeAnswered(int xid)
    {
        lock (_lock)
        {
            return _sent.TryPeek(out var next) && next.Xid == xid
                ? _sent.Dequeue()
                : throw new ZooKeeperProtocolException(
                    next is null ? $"Answer {xid} came although nothing was asked." : $"Answer {xid} came where {next.Xid} was expected.");
        }
    }

    /// <summary>Takes the oldest request for authentication; null if the answer is to one that the handshake sent.</summary>
    public PendingRequest? TakeAnsweredAuth()
    {
        lock (_lock)
        {
            return _sentAuth.TryDequeue(out var request) ? request : null;
        }
    }

    /// <summary>The connection was lost: what may be sent again waits in front, in order.</summary>
    /// <returns>What may not be sent again.</returns>
    public IReadOnlyList<PendingRequest> OnConnectionLost()
    {
        lock (_lock)
        {
            var lost = _sent.Where(request => !request.IsRepeatable).ToArray();
            foreach (var request in _sentAuth.Concat(_sent.Where(request => request.IsRepeatable)).Reverse())
            {
                _waiting.AddFirst(request);
            }

            _sent.Clear();
            _sentAuth.Clear();
            return lost;
        }
    }

    /// <summary>Takes all that wait.</summary>
    public IReadOnlyList<PendingRequest> TakeWaiting()
    {
        lock (_lock)
        {
            var all = _waiting.ToArray();
            _waiting.Clear();
            return all;
        }
    }

    /// <summary>Takes all, and refuses what comes later.</summary>
    public IReadOnlyList<PendingRequest> End(Exception reason)
    {
        lock (_lock)
        {
            _ended = reason;
            PendingRequest[] all = [.. _sent, .. _sentAuth, .. _waiting];
            _sent.Clear();
            _sentAuth.Clear();
            _waiting.Clear();
            return all;
        }
    }
}
