using System.Globalization;
using OrleansStream.Cli.Invocation;

namespace OrleansStream.Cli.Groups;

/// <summary>A topic, or some of its partitions.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Partitions">The partitions; null for all.</param>
internal sealed record TopicSelection(string Topic, IReadOnlyList<int>? Partitions)
{
    /// <summary>Reads <c>TOPIC</c> or <c>TOPIC:P,P</c>.</summary>
    /// <exception cref="CommandFailedException">It is neither.</exception>
    public static TopicSelection Parse(string text)
    {
        // A topic's name has no colon.
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
        {
            return text.Length > 0 ? new TopicSelection(text, null) : throw CommandFailedException.Usage("--topic is empty; give the topic's name.");
        }

        var partitions = new List<int>();
        foreach (var part in text[(colon + 1)..].Split(','))
        {
            if (colon == 0 || !int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var partition))
            {
                throw CommandFailedException.Usage($"--topic '{text}' is neither TOPIC nor TOPIC:P,P.");
            }

            partitions.Add(partition);
        }

        return new TopicSelection(text[..colon], partitions);
    }

    /// <summary>The partitions that it means of a topic with so many.</summary>
    public IEnumerable<TopicPartition> Of(int count) => (Partitions ?? [.. Enumerable.Range(0, count)]).Select(partition => new TopicPartition(Topic, partition));
}
