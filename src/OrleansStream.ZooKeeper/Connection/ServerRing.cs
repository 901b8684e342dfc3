using System.Collections.Immutable;
using System.Net;

namespace OrleansStream.ZooKeeper.Connection;

/// <summary>The servers of an ensemble in a random order, one after the other.</summary>
internal sealed class ServerRing
{
    private static readonly TimeSpan MinPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(1);

    private readonly DnsEndPoint[] _servers;
    private int _next;
    private int _failures;

    public ServerRing(ImmutableArray<DnsEndPoint> servers)
    {
        _servers = [.. servers];
        Random.Shared.Shuffle(_servers);
    }

    /// <summary>The number of servers.</summary>
    public int Count => _servers.Length;

    /// <summary>The next server to try.</summary>
    public DnsEndPoint Next() => _servers[_next++ % _servers.Length];

    /// <summary>A server has taken the session.</summary>
    public void OnConnected() => _failures = 0;

    /// <summary>How long to wait before the next try: not at all until each server has been tried, then longer from round to round.</summary>
    public TimeSpan PauseAfterFailure()
    {
        _failures++;
        if (_failures % _servers.Length != 0)
        {
            return TimeSpan.Zero;
        }

        var round = Math.Min(_failures / _servers.Length, 10);
        var pause = MinPause * (1 << (round - 1));

        // Clients that lost the same server do not come back in step.
        return (pause < MaxPause ? pause : MaxPause) * (0.5 + (Random.Shared.NextDouble() / 2));
    }
}
