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
}
