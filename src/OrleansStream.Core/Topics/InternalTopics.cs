namespace OrleansStream.Core.Topics;

/// <summary>The topics in which the platform keeps its own records.</summary>
public static class InternalTopics
{
    /// <summary>Group metadata and committed offsets.</summary>
    public const string ConsumerOffsets = "__consumer_offsets";

    /// <summary>Transaction metadata.</summary>
    public const string TransactionState = "__transaction_state";

    /// <summary>Whether a topic is one of the platform's own; clients may not write to those.</summary>
    public static bool Contains(string name) => name is ConsumerOffsets or TransactionState;
}
