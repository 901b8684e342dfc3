namespace OrleansStream.Core.Groups;

/// <summary>A group of either protocol.</summary>
internal abstract class Group(string groupId)
{
    public string GroupId { get; } = groupId;

    /// <summary>Whether it has no members.</summary>
    public abstract bool IsEmpty { get; }

    /// <summary>Its state as the APIs show it.</summary>
    public abstract string StateName { get; }

    /// <summary>Kafka's word for the protocol, as ListGroups shows it.</summary>
    public abstract string TypeName { get; }

    /// <summary>The kind of group, empty if it has none.</summary>
    public abstract string ProtocolTypeName { get; }

    /// <summary>Whether a member of the group consumes the topic, so that its offsets are kept.</summary>
    public abstract bool IsSubscribedTo(string topic);

    /// <summary>Kafka's check of a commit.</summary>
    public abstract ErrorCode ValidateCommit(string memberId, string? instanceId, int generationOrEpoch);

    /// <summary>Kafka's check of a fetch of offsets.</summary>
    public abstract ErrorCode ValidateFetch(string? memberId, int memberEpoch);

    /// <summary>Kafka's check of a deletion of offsets.</summary>
    public abstract ErrorCode ValidateOffsetDelete();

    /// <summary>
    /// The moment from which an offset's retention counts, given when it was committed; null while nothing expires.
    /// </summary>
    public abstract long? RetentionStart(long commitTimestampMs);
}
