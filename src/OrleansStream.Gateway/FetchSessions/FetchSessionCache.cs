using System.Security.Cryptography;

namespace OrleansStream.Gateway.FetchSessions;

/// <summary>The fetch sessions of a broker (KIP-227), a bounded number of them: the one unused for longest makes room for a new one.</summary>
internal sealed class FetchSessionCache(int maxSessions, TimeSpan minEvictionAge, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<int, FetchSession> _sessions = [];

    /// <summary>The number of sessions.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _sessions.Count;
            }
        }
    }

    /// <summary>A new session; null when the cache is full of sessions that are in use, and the client then fetches without one.</summary>
    public FetchSession? TryCreate(bool usesTopicIds)
    {
        lock (_lock)
        {
            if (_sessions.Count >= maxSessions && !TryEvict())
            {
                return null;
            }

            int id;
            do
            {
                id = RandomNumberGenerator.GetInt32(1, int.MaxValue);
            }
            while (_sessions.ContainsKey(id));

            var session = new FetchSession(id, usesTopicIds) { LastUsed = time.GetTimestamp() };
            _sessions.Add(id, session);
            return session;
        }
    }

    /// <summary>Finds a session for a request of an epoch and moves it on to the next epoch.</summary>
    public ErrorCode TryUse(int id, int epoch, bool usesTopicIds, out FetchSession? session)
    {
        lock (_lock)
        {
            if (!_sessions.TryGetValue(id, out session))
            {
                return ErrorCode.FetchSessionIdNotFound;
            }

            if (session.NextEpoch != epoch)
            {
                return ErrorCode.InvalidFetchSessionEpoch;
            }

            if (session.UsesTopicIds != usesTopicIds)
            {
                return ErrorCode.FetchSessionTopicIdError;
            }

            session.Advance();
            session.LastUsed = time.GetTimestamp();
            return ErrorCode.None;
        }
    }

    /// <summary>Ends a session.</summary>
    public void Remove(int id)
    {
        lock (_lock)
        {
            _sessions.Remove(id);
        }
    }

    private bool TryEvict()
    {
        var oldest = _sessions.Values.MinBy(session => session.LastUsed);
        return oldest is not null
            && time.GetElapsedTime(oldest.LastUsed) >= minEvictionAge
            && _sessions.Remove(oldest.Id);
    }
}
