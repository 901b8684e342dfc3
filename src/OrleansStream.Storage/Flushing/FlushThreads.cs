namespace OrleansStream.Storage.Flushing;

/// <summary>
/// The threads that write logs to disk. A durable write blocks, so it gets threads of its own instead of the pool's;
/// a log that has nothing to write costs nothing. The queue holds each log at most once.
/// </summary>
internal sealed class FlushThreads(int maxThreads) : IDisposable
{
    private readonly object _gate = new();
    private readonly Queue<IFlushable> _queue = new();
    private int _threads;
    private int _waiting;
    private bool _stopped;

    /// <summary>Queues a log for a flush pass. The caller sees to it that it is not queued twice.</summary>
    public void Enqueue(IFlushable log)
    {
        Thread? started = null;
        lock (_gate)
        {
            _queue.Enqueue(log);
            if (_waiting > 0)
            {
                _waiting--;
                Monitor.Pulse(_gate);
            }
            else if (_threads < maxThreads && !_stopped)
            {
                _threads++;
                started = new Thread(Run) { IsBackground = true, Name = $"log flush {_threads}" };
            }
        }

        started?.Start();
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _stopped = true;
            Monitor.PulseAll(_gate);
        }
    }

    private void Run()
    {
        while (true)
        {
            IFlushable log;
            lock (_gate)
            {
                while (_queue.Count == 0)
                {
                    if (_stopped)
                    {
                        return;
                    }

                    _waiting++;
                    Monitor.Wait(_gate);
                }

                log = _queue.Dequeue();
            }

            log.RunFlushPass();
        }
    }
}

/// <summary>Something that a flush thread serves.</summary>
internal interface IFlushable
{
    /// <summary>Writes what there is. Does not throw: errors put the log offline.</summary>
    void RunFlushPass();
}
