using System.Globalization;
using System.Numerics;

namespace OrleansStream.Core.Configuration;

/// <summary>A rule that the values of a configuration key obey.</summary>
/// <typeparam name="T">The parsed value's type.</typeparam>
/// <param name="Description">The allowed values, in Kafka's notation: <c>[0,...]</c>, <c>[compact, delete]</c>.</param>
/// <param name="Violation">What a value breaks, null if it is allowed.</param>
public sealed record ConfigRule<T>(string Description, Func<T, string?> Violation);

/// <summary>The rules that keys use.</summary>
public static class ConfigRule
{
    /// <summary>Values from <paramref name="minimum"/> upwards.</summary>
    public static ConfigRule<T> AtLeast<T>(T minimum)
        where T : INumber<T>
        => new($"[{Text(minimum)},...]", value => value < minimum ? $"Value must be at least {Text(minimum)}" : null);

    /// <summary>Values from <paramref name="minimum"/> to <paramref name="maximum"/>.</summary>
    public static ConfigRule<T> Between<T>(T minimum, T maximum)
        where T : INumber<T>
        => new(
            $"[{Text(minimum)},...,{Text(maximum)}]",
            value => value < minimum ? $"Value must be at least {Text(minimum)}"
                : value > maximum ? $"Value must be no more than {Text(maximum)}"
                : null);

    /// <summary>Values from <paramref name="minimum"/> to <paramref name="maximum"/>, and <paramref name="special"/>.</summary>
    public static ConfigRule<T> BetweenOr<T>(T minimum, T maximum, T special)
        where T : INumber<T>
        => new(
            $"[{Text(minimum)},...,{Text(maximum)}] or {Text(special)}",
            value => value == special || (value >= minimum && value <= maximum)
                ? null
                : $"Value must be between {Text(minimum)} and {Text(maximum)} or equal to {Text(special)}");

    /// <summary>-1 for "no limit", or at least 1.</summary>
    public static ConfigRule<T> UnlimitedOrPositive<T>()
        where T : INumber<T>
        => new("-1 or [1,...]", value => value == -T.One || value >= T.One ? null : "Value must be unlimited (-1) or at least 1");

    /// <summary>One of some texts.</summary>
    public static ConfigRule<string> OneOf(params string[] allowed)
        => new(
            $"[{string.Join(", ", allowed)}]",
            value => allowed.Contains(value, StringComparer.Ordinal) ? null : $"String must be one of: {string.Join(", ", allowed)}");

    /// <summary>A list of some of the allowed texts, at least one.</summary>
    public static ConfigRule<IReadOnlyList<string>> ListOf(params string[] allowed)
        => new(
            $"[{string.Join(", ", allowed)}]",
            value => value.Count == 0 ? $"List must not be empty; it takes: {string.Join(", ", allowed)}"
                : value.FirstOrDefault(v => !allowed.Contains(v, StringComparer.Ordinal)) is { } bad ? $"'{bad}' is none of: {string.Join(", ", allowed)}"
                : null);

    /// <summary>A text that is not empty.</summary>
    public static ConfigRule<string> NotEmpty()
        => new("non-empty string", value => value.Length == 0 ? "String must be non-empty" : null);

    private static string Text<T>(T value)
        where T : INumber<T>
        => value.ToString(null, CultureInfo.InvariantCulture);
}
