using System.Diagnostics.CodeAnalysis;
using OrleansStream.Core.Quotas;
using OrleansStream.Metadata.Layout;

namespace OrleansStream.Metadata.Registry;

/// <summary>Where Kafka has the quotas of an entity, below <c>/config</c> and in the notifications of changes.</summary>
public static class QuotaPath
{
    private const string Users = "users";
    private const string Clients = "clients";
    private const string Ips = "ips";

    /// <summary><c>users/alice</c>, <c>users/alice/clients/app</c>, <c>clients/&lt;default&gt;</c>, <c>ips/192.0.2.1</c>.</summary>
    public static string Of(QuotaEntity entity) => entity switch
    {
        { User: { } user, ClientId: { } clientId } => $"{Users}/{Encode(user)}/{Clients}/{Encode(clientId)}",
        { User: { } user } => $"{Users}/{Encode(user)}",
        { ClientId: { } clientId } => $"{Clients}/{Encode(clientId)}",
        { Ip: { } ip } => $"{Ips}/{Encode(ip)}",
        _ => throw new ArgumentException("An entity without parts has no path.", nameof(entity)),
    };

    /// <summary>Its node.</summary>
    public static string NodeOf(QuotaEntity entity) => NodePath.Join(ZNodes.Config, Of(entity));

    /// <summary>Reads a path of a notification.</summary>
    /// <returns>False if it is that of something else.</returns>
    public static bool TryParse(string path, [NotNullWhen(true)] out QuotaEntity? entity)
    {
        ArgumentNullException.ThrowIfNull(path);
        entity = path.Split('/') switch
        {
            [Users, var user] => new QuotaEntity(Decode(user), null, null),
            [Users, var user, Clients, var clientId] => new QuotaEntity(Decode(user), Decode(clientId), null),
            [Clients, var clientId] => new QuotaEntity(null, Decode(clientId), null),
            [Ips, var ip] => new QuotaEntity(null, null, Decode(ip)),
            _ => null,
        };
        return entity is not null;
    }

    private static string Encode(QuotaName name) => name.Name is { } text ? SanitizedName.Encode(text) : ZNodes.DefaultEntity;

    private static QuotaName Decode(string node) => node == ZNodes.DefaultEntity ? QuotaName.Default : new QuotaName(SanitizedName.Decode(node));
}
