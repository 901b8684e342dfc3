using System.Net;
using System.Net.Sockets;

namespace OrleansStream.Faults.Network;

/// <summary>Ports that nobody listens at.</summary>
public static class FreePorts
{
    /// <summary>So many different ports. They are free now; a broker that comes up on them keeps them.</summary>
    public static int[] Take(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToArray();
        try
        {
            foreach (var listener in listeners)
            {
                listener.Start();
            }

            return [.. listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port)];
        }
        finally
        {
            foreach (var listener in listeners)
            {
                listener.Dispose();
            }
        }
    }
}
