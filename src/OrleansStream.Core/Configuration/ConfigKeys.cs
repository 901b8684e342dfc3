using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace OrleansStream.Core.Configuration;

/// <summary>Makes keys of each type; texts are read as Kafka reads them.</summary>
internal static class ConfigKeys
{
    public static ConfigKey<bool> Boolean(string name, bool? defaultValue, string documentation)
        => new(name, ConfigValueType.Boolean, defaultValue switch { null => null, true => "true", false => "false" }, null, TryBoolean, documentation);

    public static ConfigKey<int> Int(string name, int? defaultValue, ConfigRule<int>? rule, string documentation)
        => new(name, ConfigValueType.Int, defaultValue?.ToString(CultureInfo.InvariantCulture), rule, TryInt, documentation);

    public static ConfigKey<short> Short(string name, short? defaultValue, ConfigRule<short>? rule, string documentation)
        => new(name, ConfigValueType.Short, defaultValue?.ToString(CultureInfo.InvariantCulture), rule, TryShort, documentation);

    public static ConfigKey<long> Long(string name, long? defaultValue, ConfigRule<long>? rule, string documentation)
        => new(name, ConfigValueType.Long, defaultValue?.ToString(CultureInfo.InvariantCulture), rule, TryLong, documentation);

    public static ConfigKey<double> Double(string name, double? defaultValue, ConfigRule<double>? rule, string documentation)
        => new(name, ConfigValueType.Double, defaultValue?.ToString(CultureInfo.InvariantCulture), rule, TryDouble, documentation);

    public static ConfigKey<string> String(string name, string? defaultValue, ConfigRule<string>? rule, string documentation)
        => new(name, ConfigValueType.String, defaultValue, rule, TryString, documentation);

    public static ConfigKey<IReadOnlyList<string>> List(string name, string? defaultValue, ConfigRule<IReadOnlyList<string>>? rule, string documentation)
        => new(name, ConfigValueType.List, defaultValue, rule, TryList, documentation);

    private static bool TryBoolean(string text, out bool value, [NotNullWhen(false)] out string? problem)
    {
        value = text.Equals("true", StringComparison.OrdinalIgnoreCase);
        problem = value || text.Equals("false", StringComparison.OrdinalIgnoreCase) ? null : "Expected value to be either true or false";
        return problem is null;
    }

    private static bool TryInt(string text, out int value, [NotNullWhen(false)] out string? problem)
        => Numeric(int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value), "INT", out problem);

    private static bool TryShort(string text, out short value, [NotNullWhen(false)] out string? problem)
        => Numeric(short.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value), "SHORT", out problem);

    private static bool TryLong(string text, out long value, [NotNullWhen(false)] out string? problem)
        => Numeric(long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value), "LONG", out problem);

    private static bool TryDouble(string text, out double value, [NotNullWhen(false)] out string? problem)
        => Numeric(double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value), "DOUBLE", out problem);

    private static bool Numeric(bool parsed, string type, [NotNullWhen(false)] out string? problem)
    {
        problem = parsed ? null : $"Not a number of type {type}";
        return parsed;
    }

    private static bool TryString(string text, [NotNullWhen(true)] out string? value, [NotNullWhen(false)] out string? problem)
    {
        value = text;
        problem = null;
        return true;
    }

    private static bool TryList(string text, [NotNullWhen(true)] out IReadOnlyList<string>? value, [NotNullWhen(false)] out string? problem)
    {
        value = text.Length == 0 ? [] : text.Split(',', StringSplitOptions.TrimEntries);
        problem = null;
        return true;
    }
}
