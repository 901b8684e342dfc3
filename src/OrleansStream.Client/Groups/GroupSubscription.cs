using System.Text.RegularExpressions;

namespace OrleansStream.Client;

/// <summary>What a consumer subscribes to: names, or a pattern that names have to match.</summary>
/// <param name="Topics">The names, in order; empty with a pattern.</param>
/// <param name="Pattern">The pattern; null with names.</param>
/// <param name="Listener">Who hears of rebalances; null for nobody.</param>
internal sealed record GroupSubscription(IReadOnlyList<string> Topics, Regex? Pattern, IRebalanceListener? Listener)
{
    public bool SaysTheSame(GroupSubscription? other)
        => other is not null
            && Topics.SequenceEqual(other.Topics, StringComparer.Ordinal)
            && Pattern?.ToString() == other.Pattern?.ToString()
            && Pattern?.Options == other.Pattern?.Options;

    public override string ToString() => Pattern is null ? string.Join(", ", Topics) : $"/{Pattern}/";
}
