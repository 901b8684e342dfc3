using System.Net;
using Microsoft.Extensions.Hosting;
using Orleans;
using OrleansStream.Abstractions;

namespace OrleansStream.Client;

/// <summary>
/// A connection to each broker that the client has something to ask of, beside the one to the cluster: what only that broker can answer
/// does not go through another, which may be hung, or cut off from it. Safe for concurrent use.
/// </summary>
/// <remarks>
/// As long as it is not there, or after it has failed, the way through the cluster is taken. A broker whose gateway
/// cannot be reached at the address that it tells, for instance behind a router, is tried now and then and otherwise reached through the others.
/// </remarks>
/// <param name="start">Starts an Orleans client that knows only the gateway at this address, and has had an answer from it.</param>
/// <param name="stop">Ends one.</param>
/// <param name="time">The clock.</param>
internal sealed class DirectConnections(
    Func<IPEndPoint, CancellationToken, Task<(IHost Host, IGrainFactory Factory)>> start,
    Func<IHost, Task> stop,
    TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan FirstPatience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ProbePatience = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<int, Entry> _entries = [];
    private bool _isDisposed;
    private int _version;

    /// <summary>Grows whenever a connection has come up: whoever goes through the cluster may look for a shorter way.</summary>
    public int Version => Volatile.Read(ref _version);

    /// <summary>The brokers whose connections work.</summary>
    public IReadOnlyList<int> Connected
    {
        get
        {
            lock (_gate)
            {
                return [.. _entries.Where(pair => pair.Value.IsUsable).Select(pair => pair.Key).Order()];
            }
        }
    }

    /// <summary>Takes note of where brokers are. One that is at another address than before gets another connection.</summary>
    public void Learn(IEnumerable<BrokerMetadata> brokers)
    {
        lock (_gate)
        {
            foreach (var broker in brokers)
            {
                // A host's name may have another address for whoever is told it: only addresses are taken.
                if (_isDisposed || broker.GatewayPort <= 0 || !IPAddress.TryParse(broker.Host, out var address))
                {
                    continue;
                }

                var endPoint = new IPEndPoint(address, broker.GatewayPort);
                if (_entries.TryGetValue(broker.BrokerId, out var known))
                {
                    if (known.EndPoint.Equals(endPoint))
                    {
                        continue;
                    }

                    _ = CloseAsync(known);
                }

                _entries[broker.BrokerId] = new Entry(endPoint);
            }
        }
    }

    /// <summary>A factory whose calls go straight to the broker; null when there is none now. The first to ask waits for it, for a moment.</summary>
    public async ValueTask<IGrainFactory?> TryGetAsync(int brokerId, CancellationToken cancellationToken)
    {
        Entry? entry;
        lock (_gate)
        {
            if (_isDisposed || !_entries.TryGetValue(brokerId, out entry))
            {
                return null;
            }

            if (!entry.IsUsable && !entry.IsTrying && time.GetElapsedTime(entry.TriedAt) >= entry.Pause)
            {
                entry.IsTrying = true;
                entry.Trying = TryAsync(entry);
            }

            if (entry.IsUsable || entry.WasTried)
            {
                return entry.IsUsable ? entry.Factory : null;
            }
        }

        // It never fails.
        await Task.WhenAny(entry.Trying, Task.Delay(FirstPatience, time, cancellationToken)).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            return entry.IsUsable ? entry.Factory : null;
        }
    }

    /// <summary>A call to the broker got no answer: the connection is not used again before it has been tried.</summary>
    public void Failed(int brokerId)
    {
        lock (_gate)
        {
            if (_entries.TryGetValue(brokerId, out var entry) && entry.IsUsable)
            {
                entry.IsUsable = false;
                entry.TriedAt = time.GetTimestamp();
                entry.Pause = ShortestPause;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        Entry[] entries;
        lock (_gate)
        {
            if (_isDisposed)
            {
                return;
            }

            _isDisposed = true;
            entries = [.. _entries.Values];
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(entries.Select(CloseAsync)).ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task TryAsync(Entry entry)
    {
        await Task.Yield();
        bool isUsable;
        try
        {
            if (entry.Host is null)
            {
                (entry.Host, entry.Factory) = await start(entry.EndPoint, _stopping.Token).ConfigureAwait(false);
            }
            else
            {
                // It connects again by itself; whether it has, an answer tells.
                await entry.Factory!.GetGrain<IClusterGrain>(0).GetMetadataAsync(new MetadataRequest([], false), _stopping.Token)
                    .WaitAsync(ProbePatience, time, _stopping.Token).ConfigureAwait(false);
            }

            isUsable = true;
        }
#pragma warning disable CA1031 // Whatever is wrong with this way, there is another one.
        catch (Exception)
#pragma warning restore CA1031
        {
            isUsable = false;
        }

        lock (_gate)
        {
            entry.IsUsable = isUsable;
            entry.Pause = isUsable || entry.Pause < ShortestPause ? ShortestPause : Min(entry.Pause * 2, LongestPause);
            entry.TriedAt = time.GetTimestamp();
            entry.IsTrying = false;
            entry.WasTried = true;
            _version += isUsable ? 1 : 0;
        }
    }

    private async Task CloseAsync(Entry entry)
    {
        await entry.Trying.ConfigureAwait(false);
        IHost? host;
        lock (_gate)
        {
            host = entry.Host;
            entry.Host = null;
            entry.IsUsable = false;
        }

        if (host is not null)
        {
            await stop(host).ConfigureAwait(false);
        }
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private sealed class Entry(IPEndPoint endPoint)
    {
        public IPEndPoint EndPoint => endPoint;

        public IHost? Host { get; set; }

        public IGrainFactory? Factory { get; set; }

        public Task Trying { get; set; } = Task.CompletedTask;

        public bool IsTrying { get; set; }

        public bool WasTried { get; set; }

        public bool IsUsable { get; set; }

        public long TriedAt { get; set; }

        // None before the first try.
        public TimeSpan Pause { get; set; }
    }
}
