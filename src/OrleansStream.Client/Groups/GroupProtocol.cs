namespace OrleansStream.Client;

/// <summary>How a group rebalances (<c>group.protocol</c>).</summary>
public enum GroupProtocol : byte
{
    /// <summary>Members join and one of them assigns, by one of <see cref="ConsumerOptions.Assignors"/>.</summary>
    Classic,

    /// <summary>The broker assigns, member by member, without a moment in which all wait (KIP-848).</summary>
    Consumer,
}
