namespace OrleansStream.Client;

/// <summary>What a producer sends: key, value and what goes with them.</summary>
/// <typeparam name="TKey">The key's type.</typeparam>
/// <typeparam name="TValue">The value's type.</typeparam>
/// <param name="Key">The key; null for none. Records with equal keys go to the same partition.</param>
/// <param name="Value">The value; null is a tombstone in a compacted topic.</param>
/// <remarks>
/// Key, value and headers are serialized before the call that takes the message completes; whoever passes memory may
/// change it afterwards.
/// </remarks>
public readonly record struct Message<TKey, TValue>(TKey? Key, TValue? Value)
{
    /// <summary>The headers; null for none.</summary>
    public Headers? Headers { get; init; }

    /// <summary>The record's CreateTime; null for the moment at which it is buffered.</summary>
    public DateTimeOffset? Timestamp { get; init; }

    /// <summary>The partition; null lets the partitioner choose.</summary>
    public int? Partition { get; init; }
}
