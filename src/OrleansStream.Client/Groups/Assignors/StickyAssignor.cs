using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Client;

/// <summary>
/// Kafka's <c>sticky</c> (KIP-54): as even as the subscriptions allow, and of all such assignments one that moves few
/// partitions. Members give all their partitions back while the group rebalances; see
/// <see cref="CooperativeStickyAssignor"/> for one where they do not.
/// </summary>
public sealed class StickyAssignor : IPartitionAssignor
{
    /// <inheritdoc/>
    public string Name => "sticky";

    /// <summary>Kafka's user data, version 1: the last assignment by topic, and its generation. None before the first assignment.</summary>
    /// <inheritdoc/>
    public ReadOnlyMemory<byte>? GetUserData(IReadOnlyList<TopicPartition> lastAssignment, int lastGenerationId)
    {
        ArgumentNullException.ThrowIfNull(lastAssignment);
        if (lastGenerationId < 0)
        {
            return null;
        }

        using var writer = new KafkaWriter();
        ConsumerProtocol.WritePartitions(writer, lastAssignment);
        writer.WriteInt32(lastGenerationId);
        return writer.ToArray();
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, IReadOnlyList<TopicPartition>> Assign(
        IReadOnlyDictionary<string, int> partitionCounts,
        IReadOnlyList<MemberSubscription> members)
    {
        ArgumentNullException.ThrowIfNull(partitionCounts);
        ArgumentNullException.ThrowIfNull(members);
        return new StickyAssignment(partitionCounts, members, ReadUserData).Build();
    }

    /// <summary>What a member had before, by what it says. One that says something else than it should had nothing.</summary>
    internal static PriorOwnership ReadUserData(MemberSubscription member)
    {
        if (member.UserData is not { IsEmpty: false } userData)
        {
            return new PriorOwnership(member.OwnedPartitions, member.GenerationId);
        }

        try
        {
            var reader = new KafkaReader(userData);
            var partitions = ConsumerProtocol.ReadPartitions(ref reader);
            // Version 0 had no generation.
            return new PriorOwnership(partitions, reader.Remaining >= sizeof(int) ? reader.ReadInt32() : -1);
        }
        catch (KafkaProtocolException)
        {
            return new PriorOwnership([], -1);
        }
    }
}
