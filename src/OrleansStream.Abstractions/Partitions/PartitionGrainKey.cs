using System.Globalization;

namespace OrleansStream.Abstractions;

/// <summary>The key of an <see cref="IPartitionGrain"/>: <c>topic/partition@brokerId</c>.</summary>
/// <param name="TopicPartition">The partition.</param>
/// <param name="BrokerId">The broker that holds this replica.</param>
public readonly record struct PartitionGrainKey(TopicPartition TopicPartition, int BrokerId)
{
    /// <summary>Reads a key; topic names contain neither '/' nor '@'.</summary>
    /// <exception cref="FormatException">The text is not of the form <c>topic/partition@brokerId</c>.</exception>
    public static PartitionGrainKey Parse(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var slash = key.LastIndexOf('/');
        var at = key.LastIndexOf('@');
        if (slash <= 0
            || at < slash
            || !int.TryParse(key.AsSpan(slash + 1, at - slash - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var partition)
            || !int.TryParse(key.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var brokerId))
        {
            throw new FormatException($"'{key}' is not a partition grain key; expected topic/partition@brokerId.");
        }

        return new PartitionGrainKey(new TopicPartition(key[..slash], partition), brokerId);
    }

    /// <inheritdoc/>
    public override string ToString()
        => string.Create(CultureInfo.InvariantCulture, $"{TopicPartition.Topic}/{TopicPartition.Partition}@{BrokerId}");
}
