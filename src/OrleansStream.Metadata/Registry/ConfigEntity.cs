using OrleansStream.Metadata.Layout;

namespace OrleansStream.Metadata.Registry;

/// <summary>Something that has a configuration in the store.</summary>
/// <param name="Type">Topic or broker.</param>
/// <param name="Name">The topic's name or the broker id; an empty broker name means all brokers.</param>
public readonly record struct ConfigEntity(ConfigResourceType Type, string Name)
{
    /// <summary>Its node.</summary>
    public string Path => NodePath.Join(ZNodes.Config, EntityPath);

    /// <summary>Kafka's name for it in notifications: <c>topics/orders</c>, <c>brokers/1</c>, <c>brokers/&lt;default&gt;</c>.</summary>
    public string EntityPath
        => Type == ConfigResourceType.Topic ? $"topics/{Name}" : $"brokers/{(Name.Length == 0 ? ZNodes.DefaultEntity : Name)}";

    /// <summary>Reads Kafka's name for it; entities of other types are not known here.</summary>
    public static bool TryParse(string entityPath, out ConfigEntity entity)
    {
        ArgumentNullException.ThrowIfNull(entityPath);
        entity = entityPath.Split('/', 2) switch
        {
            ["topics", var topic] => new ConfigEntity(ConfigResourceType.Topic, topic),
            ["brokers", ZNodes.DefaultEntity] => new ConfigEntity(ConfigResourceType.Broker, string.Empty),
            ["brokers", var broker] => new ConfigEntity(ConfigResourceType.Broker, broker),
            _ => default,
        };
        return entity.Name is not null;
    }
}
