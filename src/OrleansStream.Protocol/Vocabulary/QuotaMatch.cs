namespace OrleansStream;

/// <summary>What a filter of client quotas demands of a user, client id or address; Kafka's numbers (KIP-546).</summary>
public enum QuotaMatch : byte
{
    /// <summary>The one of the given name.</summary>
    Exact = 0,

    /// <summary>The default.</summary>
    Default = 1,

    /// <summary>Any, the default included.</summary>
    Any = 2,
}
