namespace OrleansStream.Client;

/// <summary>What members do with their partitions while a group rebalances.</summary>
public enum RebalanceProtocol : byte
{
    /// <summary>They give all back before they join again.</summary>
    Eager,

    /// <summary>They keep all, and give back only those that the new assignment moves, in a rebalance of their own (KIP-429).</summary>
    Cooperative,
}
