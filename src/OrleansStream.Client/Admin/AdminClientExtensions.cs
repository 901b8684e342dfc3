using OrleansStream.Abstractions;

namespace OrleansStream.Client;

/// <summary>Operations on one topic that throw when they are refused.</summary>
public static class AdminClientExtensions
{
    /// <summary>Creates a topic.</summary>
    /// <exception cref="TopicOperationException">It was refused.</exception>
    public static async Task<TopicResult> CreateTopicAsync(
        this IAdminClient admin,
        TopicSpecification topic,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(admin);
        ArgumentNullException.ThrowIfNull(topic);
        var results = await admin.CreateTopicsAsync([topic], cancellationToken: cancellationToken).ConfigureAwait(false);
        return ThrowIfRefused(results[0]);
    }

    /// <summary>Creates a topic unless there is one of the name already; answers whether it was created.</summary>
    /// <exception cref="TopicOperationException">It was refused for another reason.</exception>
    public static async Task<bool> EnsureTopicAsync(
        this IAdminClient admin,
        TopicSpecification topic,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(admin);
        ArgumentNullException.ThrowIfNull(topic);
        var results = await admin.CreateTopicsAsync([topic], cancellationToken: cancellationToken).ConfigureAwait(false);
        if (results[0].Error == ErrorCode.TopicAlreadyExists)
        {
            return false;
        }

        ThrowIfRefused(results[0]);
        return true;
    }

    /// <summary>Deletes a topic with its data.</summary>
    /// <exception cref="TopicOperationException">It was refused.</exception>
    public static async Task DeleteTopicAsync(this IAdminClient admin, string topic, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(admin);
        ArgumentException.ThrowIfNullOrEmpty(topic);
        var results = await admin.DeleteTopicsAsync([topic], cancellationToken: cancellationToken).ConfigureAwait(false);
        ThrowIfRefused(results[0]);
    }

    /// <summary>Describes a topic.</summary>
    /// <exception cref="TopicOperationException">There is no such topic, or it cannot be described.</exception>
    public static async Task<TopicMetadata> DescribeTopicAsync(
        this IAdminClient admin,
        string topic,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(admin);
        ArgumentException.ThrowIfNullOrEmpty(topic);
        var topics = await admin.DescribeTopicsAsync([topic], cancellationToken).ConfigureAwait(false);
        if (topics[0].Error == ErrorCode.None)
        {
            return topics[0];
        }

        var message = topics[0].Error == ErrorCode.UnknownTopicOrPartition
            ? $"There is no topic '{topic}'."
            : $"Topic '{topic}' cannot be described: {topics[0].Error}.";
        throw new TopicOperationException(new TopicResult(topic, topics[0].TopicId, topics[0].Error, message));
    }

    /// <summary>Sets configuration entries of a topic.</summary>
    /// <exception cref="TopicOperationException">It was refused.</exception>
    public static async Task AlterTopicConfigAsync(
        this IAdminClient admin,
        string topic,
        IReadOnlyDictionary<string, string> values,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(admin);
        ArgumentNullException.ThrowIfNull(values);
        var alteration = new ConfigAlteration(
            new ConfigResource(ConfigResourceType.Topic, topic),
            [.. values.Select(entry => new ConfigChange(entry.Key, ConfigOperation.Set, entry.Value))]);
        var results = await admin.AlterConfigsAsync([alteration], cancellationToken: cancellationToken).ConfigureAwait(false);
        ThrowIfRefused(results[0]);
    }

    private static TopicResult ThrowIfRefused(TopicResult result)
        => result.Error == ErrorCode.None ? result : throw new TopicOperationException(result);
}
