namespace OrleansStream.Gateway.Connections;

/// <summary>
/// The bytes of all requests in work (<c>queued.max.request.bytes</c>): a connection waits here, and with it its socket,
/// before it reads a request for which there is no room. Room is given in the order in which it was asked for.
/// </summary>
internal sealed class RequestMemory(long limitBytes)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<(long Bytes, TaskCompletionSource Granted)> _waiting = new();
    private long _usedBytes;

    /// <summary>The bytes in use.</summary>
    public long UsedBytes
    {
        get
        {
            lock (_lock)
            {
                return _usedBytes;
            }
        }
    }

    /// <summary>Takes room; a request larger than the limit gets it when nothing else is in work.</summary>
    public ValueTask AcquireAsync(long bytes, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_waiting.Count == 0 && HasRoom(bytes))
            {
                _usedBytes += bytes;
                return ValueTask.CompletedTask;
            }

            var granted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return new ValueTask(WaitAsync(_waiting.AddLast((bytes, granted)), cancellationToken));
        }
    }

    /// <summary>Gives room back.</summary>
    public void Release(long bytes)
    {
        lock (_lock)
        {
            _usedBytes -= bytes;
            Grant();
        }
    }

    private async Task WaitAsync(LinkedListNode<(long Bytes, TaskCompletionSource Granted)> node, CancellationToken cancellationToken)
    {
        try
        {
            await node.Value.Granted.Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            lock (_lock)
            {
                if (node.List is not null)
                {
                    _waiting.Remove(node);
                }
                else
                {
                    _usedBytes -= node.Value.Bytes;
                }

                Grant();
            }

            throw;
        }
    }

    private void Grant()
    {
        while (_waiting.First is { } first && HasRoom(first.Value.Bytes))
        {
            _waiting.RemoveFirst();
            _usedBytes += first.Value.Bytes;
            first.Value.Granted.SetResult();
        }
    }

    private bool HasRoom(long bytes) => _usedBytes == 0 || _usedBytes + bytes <= limitBytes;
}
