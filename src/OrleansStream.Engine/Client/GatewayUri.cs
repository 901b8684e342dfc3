using System.Globalization;
using System.Net;

namespace OrleansStream.Engine.Client;

/// <summary>Gateway endpoints as URIs: <c>gwy.tcp://address:port/generation</c>.</summary>
internal static class GatewayUri
{
    public static Uri From(IPEndPoint endpoint) => new(string.Create(CultureInfo.InvariantCulture, $"gwy.tcp://{endpoint}/0"));

    public static IPEndPoint ToEndPoint(Uri uri)
    {
        var host = uri.Host.Trim('[', ']');
        var address = IPAddress.TryParse(host, out var literal) ? literal : Dns.GetHostAddresses(host)[0];
        return new IPEndPoint(address, uri.Port);
    }
}
