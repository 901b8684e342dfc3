namespace OrleansStream.Core.Quotas;

/// <summary>
/// What a quota is for (KIP-257, KIP-546): a user, a client id, both together, or an address. A part that is null is not looked at.
/// </summary>
/// <param name="User">The user.</param>
/// <param name="ClientId">The client id.</param>
/// <param name="Ip">The address; never together with the others.</param>
public readonly record struct QuotaEntity(QuotaName? User, QuotaName? ClientId, QuotaName? Ip)
{
    /// <summary>Kafka's name for the type of entity that is a user.</summary>
    public const string UserType = "user";

    /// <summary>Kafka's name for the type of entity that is a client id.</summary>
    public const string ClientIdType = "client-id";

    /// <summary>Kafka's name for the type of entity that is an address.</summary>
    public const string IpType = "ip";

    /// <summary>Its parts as Kafka's messages have them, the user first; a name that is null stands for the default.</summary>
    public IEnumerable<(string Type, string? Name)> Parts
    {
        get
        {
            if (User is { } user)
            {
                yield return (UserType, user.Name);
            }

            if (ClientId is { } clientId)
            {
                yield return (ClientIdType, clientId.Name);
            }

            if (Ip is { } ip)
            {
                yield return (IpType, ip.Name);
            }
        }
    }

    /// <summary>Puts an entity together from its parts.</summary>
    /// <returns>The entity, or <see cref="ErrorCode.InvalidRequest"/> for parts that are none, unknown, there twice, empty or do not go together.</returns>
    public static Outcome<QuotaEntity> Create(IEnumerable<(string Type, string? Name)> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        QuotaEntity entity = default;
        foreach (var (type, name) in parts)
        {
            if (entity.Find(type) is not null)
            {
                return Outcome.Failure(ErrorCode.InvalidRequest, $"Invalid client quota entity, duplicate entity entry {type}");
            }

            if (type is not (UserType or ClientIdType or IpType))
            {
                return Outcome.Failure(ErrorCode.InvalidRequest, $"Unhandled client quota entity type: {type}; user, client-id and ip are known");
            }

            if (name is "" or "." or "..")
            {
                // ZooKeeper has no nodes of such names.
                return Outcome.Failure(ErrorCode.InvalidRequest, name.Length == 0 ? $"Empty {type} not supported" : $"The {type} '{name}' cannot have a quota");
            }

            entity = type switch
            {
                UserType => entity with { User = new QuotaName(name) },
                ClientIdType => entity with { ClientId = new QuotaName(name) },
                _ => entity with { Ip = new QuotaName(name) },
            };
        }

        if (entity == default)
        {
            return Outcome.Failure(ErrorCode.InvalidRequest, "Invalid empty client quota entity");
        }

        return entity.Ip is not null && (entity.User is not null || entity.ClientId is not null)
            ? Outcome.Failure(ErrorCode.InvalidRequest, "Invalid quota entity combination, IP entity should not be combined with User or ClientId")
            : Outcome.Of(entity);
    }

    /// <summary>The part of a type; null if it has none or the type is not known.</summary>
    public QuotaName? Find(string type) => type switch
    {
        UserType => User,
        ClientIdType => ClientId,
        IpType => Ip,
        _ => null,
    };

    /// <inheritdoc/>
    public override string ToString() => string.Join(", ", Parts.Select(part => $"{part.Type} {part.Name ?? "<default>"}"));
}
