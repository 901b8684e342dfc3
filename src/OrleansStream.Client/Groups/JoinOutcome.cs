namespace OrleansStream.Client;

/// <summary>How an attempt to join has ended, for the reader to act on.</summary>
internal sealed record JoinOutcome
{
    /// <summary>Who the member is now.</summary>
    public required GroupIdentity Identity { get; init; }

    /// <summary>The assignor that the group follows.</summary>
    public string Protocol { get; init; } = string.Empty;

    /// <summary>Everything that the member is to own.</summary>
    public IReadOnlyList<TopicPartition> Assignment { get; init; } = [];

    /// <summary>What the group has committed for those that it did not own before.</summary>
    public IReadOnlyDictionary<TopicPartition, CommittedOffset> Committed { get; init; } = new Dictionary<TopicPartition, CommittedOffset>();

    /// <summary>Why what the member owned is lost; null if it is not.</summary>
    public string? LostBecause { get; init; }

    /// <summary>Why trying again is no use; null if it is not so.</summary>
    public GroupException? Failure { get; init; }
}
