using System.Diagnostics.CodeAnalysis;

namespace OrleansStream.Core.Configuration;

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
