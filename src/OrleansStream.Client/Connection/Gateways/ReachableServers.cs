using System.Net;
using System.Net.Sockets;

namespace OrleansStream.Client;

/// <summary>Looks names up and tries whether somebody listens.</summary>
internal static class ReachableServers
{
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(5);

    /// <summary>The addresses of all servers, if at least one of them accepts connections.</summary>
    /// <exception cref="SocketException">None does.</exception>
    /// <exception cref="TimeoutException">None does.</exception>
    public static async Task<IPEndPoint[]> FindAsync(IEnumerable<DnsEndPoint> servers, CancellationToken cancellationToken)
    {
        var endPoints = new List<IPEndPoint>();
        var isReachable = false;
        Exception? failure = null;
        foreach (var server in servers)
        {
            try
            {
                foreach (var ip in await Dns.GetHostAddressesAsync(server.Host, cancellationToken).ConfigureAwait(false))
                {
                    var endPoint = new IPEndPoint(ip, server.Port);
                    endPoints.Add(endPoint);
                    if (!isReachable)
                    {
                        await ProbeAsync(endPoint, cancellationToken).ConfigureAwait(false);
                        isReachable = true;
                    }
                }
            }
            catch (Exception exception) when (exception is SocketException or TimeoutException)
            {
                failure = exception;
            }
        }

        return isReachable ? [.. endPoints] : throw failure ?? new SocketException((int)SocketError.HostNotFound);
    }

    private static async Task ProbeAsync(IPEndPoint endPoint, CancellationToken cancellationToken)
    {
        using var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(endPoint, cancellationToken).AsTask().WaitAsync(ProbeTimeout, cancellationToken).ConfigureAwait(false);
    }
}
