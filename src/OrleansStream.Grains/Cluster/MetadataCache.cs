using OrleansStream.Abstractions;

namespace OrleansStream.Grains.Cluster;

/// <summary>The cluster's metadata on this silo, as the controller sends it; clients are answered from here. Thread-safe.</summary>
internal sealed class MetadataCache(TimeProvider time)
{
    private readonly Lock _lock = new();
    private volatile MetadataSnapshot _current = MetadataSnapshot.Empty;
    private TaskCompletionSource _changed = NewSignal();

    /// <summary>What is known now.</summary>
    public MetadataSnapshot Current => _current;

    /// <summary>Takes in the controller's word. Fencing is the caller's.</summary>
    public void Apply(UpdateMetadataRequest request)
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            _current = _current.With(request);
            changed = _changed;
            _changed = NewSignal();
        }

        changed.SetResult();
    }

    /// <summary>Waits until a condition holds.</summary>
    /// <returns>False when the time was over first.</returns>
    public async Task<bool> WaitUntilAsync(Func<MetadataSnapshot, bool> condition, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var deadline = time.GetUtcNow() + timeout;
        while (true)
        {
            Task changed;
            lock (_lock)
            {
                if (condition(_current))
                {
                    return true;
                }

                changed = _changed.Task;
            }

            var left = deadline - time.GetUtcNow();
            if (left <= TimeSpan.Zero)
            {
                return false;
            }

            try
            {
                await changed.WaitAsync(left, time, cancellationToken);
            }
            catch (TimeoutException)
            {
                return condition(_current);
            }
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
