namespace OrleansStream.Client;

/// <summary>What a client makes of Kafka's error codes, beyond <see cref="ErrorCodeExtensions"/>.</summary>
internal static class ErrorCodeRules
{
    /// <summary>
    /// Whether the same request may succeed later. Kafka does not call BROKER_NOT_AVAILABLE retriable because its clients
    /// never see it from a leader; here it also stands for a silo that is away.
    /// </summary>
    public static bool MayRetry(this ErrorCode error) => error == ErrorCode.BrokerNotAvailable || error.IsRetriable();

    /// <summary>Whether the error says that the client's picture of leaders and topics is old.</summary>
    public static bool InvalidatesMetadata(this ErrorCode error) => error switch
    {
        ErrorCode.UnknownTopicOrPartition
            or ErrorCode.LeaderNotAvailable
            or ErrorCode.NotLeaderOrFollower
            or ErrorCode.BrokerNotAvailable
            or ErrorCode.ReplicaNotAvailable
            or ErrorCode.NetworkException
            or ErrorCode.KafkaStorageError
            or ErrorCode.ListenerNotFound
            or ErrorCode.FencedLeaderEpoch
            or ErrorCode.UnknownLeaderEpoch
            or ErrorCode.UnknownTopicId
            or ErrorCode.InconsistentTopicId => true,
        _ => false,
    };

    /// <summary>Kafka's name of the error, with what it means for whoever reads it where the name alone does not tell.</summary>
    public static string Explain(this ErrorCode error) => error switch
    {
        ErrorCode.KafkaStorageError => $"{error.WireName()}: the disk of the partition's leader failed or is full; describing the topic names the cause",
        ErrorCode.LeaderNotAvailable => $"{error.WireName()}: no in-sync replica of the partition is on a live broker",
        ErrorCode.BrokerNotAvailable => $"{error.WireName()}: the broker of the partition's leader does not answer",
        _ => error.WireName(),
    };
}
