using System.Collections.Immutable;

namespace OrleansStream.Core.Configuration;

/// <summary>A configuration key of topics or brokers, by Kafka's name.</summary>
public abstract class ConfigKey
{
    private protected ConfigKey(string name, ConfigValueType type, string? defaultValue, string documentation)
    {
        Name = name;
        Type = type;
        DefaultValue = defaultValue;
        Documentation = documentation;
    }

    /// <summary>Kafka's name.</summary>
    public string Name { get; }

    /// <summary>The type of its values.</summary>
    public ConfigValueType Type { get; }

    /// <summary>The built-in default in text form; null for a key that is unset by default.</summary>
    public string? DefaultValue { get; }

    /// <summary>What it means.</summary>
    public string Documentation { get; }

    /// <summary>The allowed values in Kafka's notation; null when any value of the type will do.</summary>
    public abstract string? AllowedValues { get; }

    /// <summary>Whether it can only be given when the broker starts.</summary>
    public bool IsReadOnly { get; internal set; }

    /// <summary>Whether its value is a secret that no description shows.</summary>
    public bool IsSensitive { get; internal set; }

    /// <summary>Why nobody should set it any more; null if it is in good standing.</summary>
    public string? Deprecation { get; internal set; }

    /// <summary>For a topic key: the broker keys that give it its value, the strongest first.</summary>
    public ImmutableArray<BrokerSynonym> Synonyms { get; internal set; } = [];

    /// <summary>Whether a text is a valid value.</summary>
    /// <returns>Success, or <see cref="ErrorCode.InvalidConfig"/> naming value, key and rule.</returns>
    public abstract Outcome Validate(string? text);

    /// <inheritdoc/>
    public override string ToString() => Name;
}
