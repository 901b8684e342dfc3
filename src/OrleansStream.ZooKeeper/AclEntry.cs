using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace OrleansStream.ZooKeeper;

/// <summary>One line of a node's access list.</summary>
/// <param name="Permissions">What is allowed.</param>
/// <param name="Scheme">How the identity is proven: <c>world</c>, <c>auth</c>, <c>digest</c>, <c>ip</c>, <c>x509</c>.</param>
/// <param name="Id">Who, in the scheme's own form.</param>
public sealed record AclEntry(AclPermissions Permissions, string Scheme, string Id)
{
    /// <summary>Everybody may do everything.</summary>
    public static ImmutableArray<AclEntry> OpenToAll { get; } = [new(AclPermissions.All, "world", "anyone")];

    /// <summary>Everybody may read.</summary>
    public static ImmutableArray<AclEntry> ReadableByAll { get; } = [new(AclPermissions.Read, "world", "anyone")];

    /// <summary>Whoever this session has proven to be may do everything; the server fills in the identities.</summary>
    public static ImmutableArray<AclEntry> CreatorOnly { get; } = [new(AclPermissions.All, "auth", string.Empty)];

    /// <summary>A user with a password (scheme <c>digest</c>); the node holds a SHA-1 digest of both.</summary>
    public static AclEntry Digest(string user, string password, AclPermissions permissions = AclPermissions.All)
    {
        ArgumentException.ThrowIfNullOrEmpty(user);
        ArgumentNullException.ThrowIfNull(password);
#pragma warning disable CA5350 // ZooKeeper's format prescribes SHA-1.
        var digest = SHA1.HashData(Encoding.UTF8.GetBytes($"{user}:{password}"));
#pragma warning restore CA5350
        return new AclEntry(permissions, "digest", $"{user}:{Convert.ToBase64String(digest)}");
    }
}
