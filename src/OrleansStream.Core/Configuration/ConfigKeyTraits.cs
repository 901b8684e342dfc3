namespace OrleansStream.Core.Configuration;

/// <summary>The traits of a key, said where it is defined.</summary>
internal static class ConfigKeyTraits
{
    public static TKey ReadOnly<TKey>(this TKey key)
        where TKey : ConfigKey
    {
        key.IsReadOnly = true;
        return key;
    }

    public static TKey Deprecated<TKey>(this TKey key, string why)
        where TKey : ConfigKey
    {
        key.Deprecation = why;
        return key;
    }

    public static TKey From<TKey>(this TKey key, params BrokerSynonym[] synonyms)
        where TKey : ConfigKey
    {
        key.Synonyms = [.. synonyms];
        return key;
    }
}
