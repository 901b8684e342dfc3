using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace OrleansStream.Core.Groups.Consumers;

/// <summary>
/// The patterns that members subscribe with. They are matched in time that is linear in the name's length, as RE2 does it; what that cannot do
/// (back references, look-around) is refused.
/// </summary>
internal sealed class TopicPatterns
{
    private const int MaxPatterns = 1000;

    private readonly Dictionary<string, Regex> _patterns = new(StringComparer.Ordinal);

    /// <summary>Compiles a pattern.</summary>
    /// <param name="pattern">The pattern, which has to match the whole name.</param>
    /// <param name="problem">Why it cannot be used.</param>
    public bool TryAdd(string pattern, [NotNullWhen(false)] out string? problem)
    {
        problem = null;
        if (_patterns.ContainsKey(pattern))
        {
            return true;
        }

        try
        {
            if (_patterns.Count >= MaxPatterns)
            {
                _patterns.Clear();
            }

            _patterns.Add(pattern, new Regex($@"\A(?:{pattern})\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant));
            return true;
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            problem = exception.Message;
            return false;
        }
    }

    public bool IsMatch(string pattern, string topic) => TryAdd(pattern, out _) && _patterns[pattern].IsMatch(topic);
}
