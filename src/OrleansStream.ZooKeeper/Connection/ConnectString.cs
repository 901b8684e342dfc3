using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using OrleansStream.Metadata;

namespace OrleansStream.ZooKeeper;

/// <summary>Where an ensemble is: <c>host:port,host:port/chroot</c>.</summary>
/// <param name="Servers">The servers, at least one.</param>
/// <param name="Chroot">The node that all paths of the client are below; empty for the root.</param>
public sealed record ConnectString(ImmutableArray<DnsEndPoint> Servers, string Chroot)
{
    /// <summary>The port of a server that is given without one.</summary>
    public const int DefaultPort = 2181;

    /// <summary>Reads a connect string.</summary>
    /// <exception cref="FormatException">It is none; the message says why.</exception>
    public static ConnectString Parse(string text)
        => TryParse(text, out var result, out var problem) ? result : throw new FormatException(problem);

    /// <summary>Reads a connect string.</summary>
    /// <param name="text">Servers separated by commas, IPv6 addresses in brackets, then the chroot.</param>
    /// <param name="result">What was read.</param>
    /// <param name="problem">Why nothing could be read.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out ConnectString? result, [NotNullWhen(false)] out string? problem)
    {
        result = null;
        text = text?.Trim() ?? string.Empty;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var chroot = slash < 0 ? string.Empty : text[slash..];
        if (chroot.Length > 1)
        {
            try
            {
                NodePath.Validate(chroot);
            }
            catch (ArgumentException e)
            {
                problem = $"The chroot of '{text}' is not valid: {e.Message}";
                return false;
            }
        }

        var servers = ImmutableArray.CreateBuilder<DnsEndPoint>();
        foreach (var part in (slash < 0 ? text : text[..slash]).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (ParseServer(part) is not { } server)
            {
                problem = $"'{part}' in '{text}' is not a server; expected HOST:PORT.";
                return false;
            }

            servers.Add(server);
        }

        if (servers.Count == 0)
        {
            problem = $"'{text}' names no server; expected HOST:PORT,HOST:PORT/chroot.";
            return false;
        }

        problem = null;
        result = new ConnectString(servers.ToImmutable(), chroot == "/" ? string.Empty : chroot);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join(',', Servers.Select(TextOf)) + Chroot;

    internal static string TextOf(DnsEndPoint server)
        => (server.Host.Contains(':', StringComparison.Ordinal) ? $"[{server.Host}]:" : $"{server.Host}:") + server.Port.ToString(CultureInfo.InvariantCulture);

    private static DnsEndPoint? ParseServer(string text)
    {
        var host = text;
        var portText = string.Empty;
        if (text.StartsWith('['))
        {
            var end = text.IndexOf(']', StringComparison.Ordinal);
            if (end < 0 || (end + 1 < text.Length && text[end + 1] != ':') || !IPAddress.TryParse(text[1..end], out _))
            {
                return null;
            }

            host = text[1..end];
            portText = end + 1 < text.Length ? text[(end + 2)..] : string.Empty;
        }
        else if (text.LastIndexOf(':') is >= 0 and var colon)
        {
            host = text[..colon];
            portText = text[(colon + 1)..];
            if (portText.Length == 0 || host.Contains(':', StringComparison.Ordinal))
            {
                return null;
            }
        }

        var port = DefaultPort;
        if (portText.Length > 0 && (!int.TryParse(portText, NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is < 1 or > 65535))
        {
            return null;
        }

        return host.Length == 0 || host.Any(char.IsWhiteSpace) ? null : new DnsEndPoint(host, port);
    }
}
