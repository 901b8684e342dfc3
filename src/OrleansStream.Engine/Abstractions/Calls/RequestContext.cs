namespace Orleans.Runtime;

/// <summary>
/// Named values that travel with calls, from the caller to the grain and on to what the grain calls. Across processes:
/// strings, Booleans, integers, floating-point numbers, Guid, DateTimeOffset and byte arrays.
/// </summary>
public static class RequestContext
{
    private static readonly AsyncLocal<Dictionary<string, object>?> Values = new();

    /// <summary>The names.</summary>
    public static IEnumerable<string> Keys => Values.Value?.Keys ?? Enumerable.Empty<string>();

    /// <summary>The names and values.</summary>
    public static IEnumerable<KeyValuePair<string, object>> Entries => Values.Value ?? Enumerable.Empty<KeyValuePair<string, object>>();

    /// <summary>The current values, never changed in place; null when there are none.</summary>
    internal static Dictionary<string, object>? Current
    {
        get => Values.Value;
        set
        {
            if (!ReferenceEquals(Values.Value, value))
            {
                Values.Value = value;
            }
        }
    }

    /// <summary>A value, null when there is none.</summary>
    public static object? Get(string key) => Values.Value?.GetValueOrDefault(key);

    /// <summary>Sets a value for the calls that this flow of control makes from now on.</summary>
    public static void Set(string key, object value)
    {
        var current = Values.Value;
        Values.Value = current is null ? new(StringComparer.Ordinal) { [key] = value } : new(current, StringComparer.Ordinal) { [key] = value };
    }

    /// <summary>Removes a value and says whether there was one.</summary>
    public static bool Remove(string key)
    {
        if (Values.Value is not { } current || !current.ContainsKey(key))
        {
            return false;
        }

        var rest = new Dictionary<string, object>(current, StringComparer.Ordinal);
        rest.Remove(key);
        Values.Value = rest.Count == 0 ? null : rest;
        return true;
    }

    /// <summary>Removes all values.</summary>
    public static void Clear() => Current = null;
}
