using System.Text.RegularExpressions;

namespace OrleansStream.Client;

/// <summary>What a handler that is hosted as a service consumes, and how.</summary>
/// <typeparam name="TKey">The keys' type.</typeparam>
/// <typeparam name="TValue">The values' type.</typeparam>
public sealed class GroupHandlerOptions<TKey, TValue> : ConsumerOptions<TKey, TValue>
{
    /// <summary>The topics; or use <see cref="TopicPattern"/>.</summary>
    public IList<string> Topics { get; set; } = [];

    /// <summary>A pattern that the topics' names match; null, the default, for <see cref="Topics"/>.</summary>
    public Regex? TopicPattern { get; set; }

    /// <summary>Topics to create at the start unless they exist; empty by default.</summary>
    public IList<TopicSpecification> EnsureTopics { get; set; } = [];

    /// <summary>How long to wait after a failure before the handler starts again; it doubles up to <see cref="LongestRestartDelay"/>. Default 1 s.</summary>
    public TimeSpan RestartDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait after failures that follow each other. Default 30 s.</summary>
    public TimeSpan LongestRestartDelay { get; set; } = TimeSpan.FromSeconds(30);
}
