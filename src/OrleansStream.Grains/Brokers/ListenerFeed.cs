using OrleansStream.Abstractions;

namespace OrleansStream.Grains.Brokers;

/// <summary>What this broker's listeners go by, and the wait for another state of it. Thread-safe.</summary>
internal sealed class ListenerFeed(TimeProvider time)
{
    /// <summary>How long a call waits; callers ask again.</summary>
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private volatile State _state = new(new ListenerSettings(0, [], int.MaxValue, int.MaxValue));

    /// <summary>Makes known what holds from now on.</summary>
    public void Publish(ClientQuota[] quotas, int maxConnections, int maxConnectionsPerIp)
    {
        State last;
        lock (_lock)
        {
            last = _state;
            _state = new State(new ListenerSettings(last.Settings.Version + 1, quotas, maxConnections, maxConnectionsPerIp));
        }

        last.Replaced.SetResult();
    }

    /// <summary>What holds, as soon as its version is another than the one that is known, or after a wait.</summary>
    public async Task<ListenerSettings> GetAsync(long knownVersion, CancellationToken cancellationToken)
    {
        var state = _state;
        if (state.Settings.Version == knownVersion)
        {
            try
            {
                await state.Replaced.Task.WaitAsync(MaxWait, time, cancellationToken);
            }
            catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
            {
                // Nothing has changed, which is an answer as well.
            }
        }

        return _state.Settings;
    }

    private sealed record State(ListenerSettings Settings)
    {
        public TaskCompletionSource Replaced { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
