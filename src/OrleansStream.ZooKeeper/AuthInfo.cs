using System.Text;

namespace OrleansStream.ZooKeeper;

/// <summary>What a session proves its identity with (addauth).</summary>
/// <param name="Scheme">The scheme, for example <c>digest</c>.</param>
/// <param name="Credentials">The proof in the scheme's own form.</param>
public sealed record AuthInfo(string Scheme, ReadOnlyMemory<byte> Credentials)
{
    /// <summary>A user with a password, in clear on the wire: use TLS.</summary>
    public static AuthInfo Digest(string user, string password) => new("digest", Encoding.UTF8.GetBytes($"{user}:{password}"));

    /// <summary>Names the scheme; never shows the credentials.</summary>
    public override string ToString() => $"AuthInfo {{ Scheme = {Scheme} }}";
}
