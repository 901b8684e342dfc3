namespace OrleansStream.Client;

/// <summary>How durable a record must be before it counts as delivered, with Kafka's numbers.</summary>
public enum Acks : short
{
    /// <summary>Sent; nothing is known about it and its offset is -1.</summary>
    None = 0,

    /// <summary>On the leader's stable storage.</summary>
    Leader = 1,

    /// <summary>On the stable storage of every in-sync replica.</summary>
    All = -1,
}
