using System.Collections.Immutable;

namespace OrleansStream.Metadata.Local;

/// <content>The loop that works off the queue; everything here runs on it.</content>
public sealed partial class LocalMetadataDatabase
{
    private async Task RunAsync()
    {
        var batch = new List<PlannedRequest>(MaxBatchRequests);
        try
        {
            while (await _requests.Reader.WaitToReadAsync())
            {
                batch.Clear();
                while (batch.Count < MaxBatchRequests && _requests.Reader.TryRead(out var request))
                {
                    batch.Add(new PlannedRequest(request));
                }

                Work(batch);
                if (_journal.IsRotationDue && _journal.TryRotate(_tree) is { } problem)
                {
                    LogRotationFailed(_logger, problem);
                }
            }
        }
        catch (Exception e)
        {
            // A bug; nobody may be left waiting for it.
            LogLoopFailed(_logger, e);
            var failure = new MetadataUnavailableException($"The metadata store has failed: {e.Message}", isOutcomeUnknown: true, e);
            _requests.Writer.TryComplete(failure);
            foreach (var planned in batch)
            {
                planned.Request.Fail(failure);
            }

            while (_requests.Reader.TryRead(out var request))
            {
                request.Fail(failure);
            }
        }
    }

    private void Work(List<PlannedRequest> batch)
    {
        var timeMs = _time.GetUtcNow().ToUnixTimeMilliseconds();
        var after = Plan(batch, timeMs);
        if (_transactions.Count > 0)
        {
            try
            {
                _journal.Append(_transactions);
            }
            catch (MetadataUnavailableException e)
            {
                LogAppendFailed(_logger, e);
                FailWrites(batch, e, timeMs);
                return;
            }
        }

        _tree = after;
        foreach (var planned in batch)
        {
            Publish(planned);
        }
    }

    /// <summary>Plans each request on the tree that those before it leave.</summary>
    private ZNodeTree Plan(List<PlannedRequest> batch, long timeMs)
    {
        _transactions.Clear();
        var tree = _tree;
        foreach (var planned in batch)
        {
            var zxid = tree.LastZxid + 1;
            planned.Before = tree;
            (planned.Changes, _) = planned.Request.Plan(tree, zxid, timeMs);
            if (!planned.Changes.IsEmpty)
            {
                var transaction = new TreeTransaction(zxid, timeMs, planned.Changes);
                tree = tree.Apply(transaction);
                _transactions.Add(transaction);
            }
        }

        return tree;
    }

    /// <summary>Fails what would have changed the tree and answers the rest from the tree as it stays.</summary>
    private void FailWrites(List<PlannedRequest> batch, MetadataUnavailableException cause, long timeMs)
    {
        foreach (var planned in batch)
        {
            var wasWrite = !planned.Changes.IsEmpty;
            (planned.Changes, _) = planned.Request.Plan(_tree, _tree.LastZxid + 1, timeMs);
            if (wasWrite || !planned.Changes.IsEmpty)
            {
                planned.Request.Fail(new MetadataUnavailableException(cause.Message, cause.IsOutcomeUnknown, cause));
            }
            else
            {
                planned.Request.Complete();
            }
        }
    }

    /// <summary>Calls the watches that a request sets off, then answers it.</summary>
    private void Publish(PlannedRequest planned)
    {
        foreach (var change in planned.Changes)
        {
            foreach (var watchEvent in TreeEvents.Of(change, planned.Before))
            {
                foreach (var session in _sessions.Values.OrderBy(session => session.SessionId))
                {
                    foreach (var watch in session.Watches.Take(watchEvent))
                    {
                        Call(watch, watchEvent);
                    }
                }
            }

            switch (change)
            {
                case TreeChange.OpenSession open:
                    var store = new LocalMetadataStore(this, open.SessionId);
                    _sessions.Add(open.SessionId, store);
                    ((LocalRequest.OpenSession)planned.Request).Store = store;
                    break;
                case TreeChange.CloseSession close:
                    EndSession(close.SessionId);
                    break;
            }
        }

        planned.Request.Complete();
    }

    private void EndSession(long sessionId)
    {
        if (_sessions.Remove(sessionId, out var session))
        {
            foreach (var (path, watch) in session.Watches.TakeAll())
            {
                Call(watch, new WatchEvent(WatchEventType.SessionEnded, path));
            }

            session.OnEnded();
        }
    }

    /// <summary>On disposal; the journal learns of it when the directory is opened next.</summary>
    private void EndSessions()
    {
        foreach (var sessionId in _sessions.Keys.ToArray())
        {
            EndSession(sessionId);
        }
    }

    private void Call(Action<WatchEvent> watch, WatchEvent watchEvent)
    {
        try
        {
            watch(watchEvent);
        }
        catch (Exception e)
        {
            // One caller's mistake must not stop the store for all others.
            LogWatchThrew(_logger, watchEvent.Path, e);
        }
    }

    private sealed class PlannedRequest(LocalRequest request)
    {
        public LocalRequest Request { get; } = request;

        public ZNodeTree Before { get; set; } = ZNodeTree.Empty;

        public ImmutableArray<TreeChange> Changes { get; set; } = [];
    }
}
