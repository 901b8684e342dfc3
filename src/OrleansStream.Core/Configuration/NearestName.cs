namespace OrleansStream.Core.Configuration;

/// <summary>Finds the known name that somebody may have meant.</summary>
internal static class NearestName
{
    private const int MaxNameLength = 128;

    /// <summary>The known name with the fewest edits to the given one, if at most a third of its characters differ; the first of equals.</summary>
    public static string? Find(string name, IEnumerable<string> known)
    {
        if (name.Length is 0 or > MaxNameLength)
        {
            return null;
        }

        var bestDistance = Math.Max(1, name.Length / 3) + 1;
        string? best = null;
        foreach (var candidate in known)
        {
            var distance = Distance(name, candidate);
            if (distance < bestDistance)
            {
                (best, bestDistance) = (candidate, distance);
            }
        }

        return best;
    }

    /// <summary>Levenshtein's distance, ignoring case and taking '_' for '.'.</summary>
    private static int Distance(string a, string b)
    {
        Span<int> previous = stackalloc int[b.Length + 1];
        Span<int> current = stackalloc int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
        {
            previous[j] = j;
        }

        for (var i = 1; i <= a.Length; i++)
        {
            current[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var substitution = previous[j - 1] + (Unified(a[i - 1]) == Unified(b[j - 1]) ? 0 : 1);
                current[j] = Math.Min(substitution, Math.Min(previous[j], current[j - 1]) + 1);
            }

            var swap = previous;
            previous = current;
            current = swap;
        }

        return previous[b.Length];
    }

    private static char Unified(char c) => c == '_' ? '.' : char.ToLowerInvariant(c);
}
