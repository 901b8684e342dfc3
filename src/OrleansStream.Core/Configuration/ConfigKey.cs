using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

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

/// <summary>A configuration key with typed values.</summary>
/// <typeparam name="T">bool, int, long, short, double, string, or a list of strings.</typeparam>
public sealed class ConfigKey<T> : ConfigKey
{
    private readonly TryParseValue _parse;
    private readonly ConfigRule<T>? _rule;

    internal ConfigKey(string name, ConfigValueType type, string? defaultValue, ConfigRule<T>? rule, TryParseValue parse, string documentation)
        : base(name, type, defaultValue, documentation)
    {
        _parse = parse;
        _rule = rule;
        if (defaultValue is not null && Validate(defaultValue) is { IsSuccess: false } invalid)
        {
            throw new ArgumentException(invalid.Message, nameof(defaultValue));
        }
    }

    internal delegate bool TryParseValue(string text, [MaybeNullWhen(false)] out T value, [NotNullWhen(false)] out string? problem);

    /// <inheritdoc/>
    public override string? AllowedValues => _rule?.Description;

    /// <summary>Reads a value and checks it against the rule.</summary>
    /// <returns>The value, or <see cref="ErrorCode.InvalidConfig"/> naming value, key and rule.</returns>
    public Outcome<T> Parse(string? text)
    {
        if (text is null)
        {
            return Outcome.Failure(ErrorCode.InvalidConfig, $"Invalid value null for configuration {Name}: a value is needed");
        }

        if (!_parse(text.Trim(), out var value, out var problem) || (problem = _rule?.Violation(value)) is not null)
        {
            return Outcome.Failure(ErrorCode.InvalidConfig, $"Invalid value {(IsSensitive ? "[hidden]" : text)} for configuration {Name}: {problem}");
        }

        return Outcome.Of(value);
    }

    /// <inheritdoc/>
    public override Outcome Validate(string? text) => Parse(text).WithoutValue();
}
