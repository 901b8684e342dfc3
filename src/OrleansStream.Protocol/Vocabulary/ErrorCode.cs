namespace OrleansStream;

/// <summary>Kafka's error codes, verbatim and with Kafka's numbers: part of the wire protocol and of every grain answer.</summary>
public enum ErrorCode : short
{
    /// <summary>The server experienced an unexpected error.</summary>
    UnknownServerError = -1,

    /// <summary>No error.</summary>
    None = 0,

    /// <summary>The requested offset is outside the range that the partition holds.</summary>
    OffsetOutOfRange = 1,

    /// <summary>The record batch failed its CRC check, has an invalid size, or is otherwise corrupt.</summary>
    CorruptMessage = 2,

    /// <summary>This broker does not host this topic-partition.</summary>
    UnknownTopicOrPartition = 3,

    /// <summary>The requested fetch size is invalid.</summary>
    InvalidFetchSize = 4,

    /// <summary>There is no leader for this topic-partition at the moment.</summary>
    LeaderNotAvailable = 5,

    /// <summary>The broker is not the leader (or, for fetches, a replica) of the topic-partition.</summary>
    NotLeaderOrFollower = 6,

    /// <summary>The request timed out.</summary>
    RequestTimedOut = 7,

    /// <summary>The broker is not available.</summary>
    BrokerNotAvailable = 8,

    /// <summary>The replica is not available for the requested topic-partition.</summary>
    ReplicaNotAvailable = 9,

    /// <summary>The request holds a record batch larger than max.message.bytes.</summary>
    MessageTooLarge = 10,

    /// <summary>The controller moved to another broker.</summary>
    StaleControllerEpoch = 11,

    /// <summary>The metadata field of the offset commit is too large.</summary>
    OffsetMetadataTooLarge = 12,

    /// <summary>The server disconnected before a response was received.</summary>
    NetworkException = 13,

    /// <summary>The coordinator is loading and cannot process requests yet.</summary>
    CoordinatorLoadInProgress = 14,

    /// <summary>The coordinator is not available.</summary>
    CoordinatorNotAvailable = 15,

    /// <summary>This broker is not the coordinator.</summary>
    NotCoordinator = 16,

    /// <summary>The topic name or operation is invalid.</summary>
    InvalidTopicException = 17,

    /// <summary>The request holds a record list larger than the segment size.</summary>
    RecordListTooLarge = 18,

    /// <summary>Fewer in-sync replicas than min.insync.replicas.</summary>
    NotEnoughReplicas = 19,

    /// <summary>The records were appended, but to fewer in-sync replicas than required.</summary>
    NotEnoughReplicasAfterAppend = 20,

    /// <summary>The value of acks is not 0, 1 or -1.</summary>
    InvalidRequiredAcks = 21,

    /// <summary>The generation id is not the group's current one.</summary>
    IllegalGeneration = 22,

    /// <summary>The member's protocols do not match those of the group.</summary>
    InconsistentGroupProtocol = 23,

    /// <summary>The group id is invalid.</summary>
    InvalidGroupId = 24,

    /// <summary>The coordinator does not know this member.</summary>
    UnknownMemberId = 25,

    /// <summary>The session time-out is outside the broker's allowed range.</summary>
    InvalidSessionTimeout = 26,

    /// <summary>The group is rebalancing, a rejoin is needed.</summary>
    RebalanceInProgress = 27,

    /// <summary>The committed offset data is too large.</summary>
    InvalidCommitOffsetSize = 28,

    /// <summary>Topic authorization failed.</summary>
    TopicAuthorizationFailed = 29,

    /// <summary>Group authorization failed.</summary>
    GroupAuthorizationFailed = 30,

    /// <summary>Cluster authorization failed.</summary>
    ClusterAuthorizationFailed = 31,

    /// <summary>The timestamp of a record is out of the acceptable range.</summary>
    InvalidTimestamp = 32,

    /// <summary>The broker does not support the SASL mechanism.</summary>
    UnsupportedSaslMechanism = 33,

    /// <summary>The request is not valid in the current SASL state.</summary>
    IllegalSaslState = 34,

    /// <summary>The version of the API is not supported.</summary>
    UnsupportedVersion = 35,

    /// <summary>A topic with this name already exists.</summary>
    TopicAlreadyExists = 36,

    /// <summary>The number of partitions is invalid.</summary>
    InvalidPartitions = 37,

    /// <summary>The replication factor is below 1 or larger than the number of brokers.</summary>
    InvalidReplicationFactor = 38,

    /// <summary>The replica assignment is invalid.</summary>
    InvalidReplicaAssignment = 39,

    /// <summary>The configuration is invalid.</summary>
    InvalidConfig = 40,

    /// <summary>This is not the controller of the cluster.</summary>
    NotController = 41,

    /// <summary>The request is malformed or contradicts itself.</summary>
    InvalidRequest = 42,

    /// <summary>The message format on the broker does not support the request.</summary>
    UnsupportedForMessageFormat = 43,

    /// <summary>The request violates the configured policy.</summary>
    PolicyViolation = 44,

    /// <summary>The broker received a sequence number out of order.</summary>
    OutOfOrderSequenceNumber = 45,

    /// <summary>The broker received a duplicate sequence number.</summary>
    DuplicateSequenceNumber = 46,

    /// <summary>The producer used an old epoch.</summary>
    InvalidProducerEpoch = 47,

    /// <summary>The transaction is in a state that does not allow the operation.</summary>
    InvalidTxnState = 48,

    /// <summary>The producer id is not the one assigned to the transactional id.</summary>
    InvalidProducerIdMapping = 49,

    /// <summary>The transaction time-out is larger than transaction.max.timeout.ms.</summary>
    InvalidTransactionTimeout = 50,

    /// <summary>Another operation on this transaction is in progress.</summary>
    ConcurrentTransactions = 51,

    /// <summary>The transaction coordinator is no longer the current one.</summary>
    TransactionCoordinatorFenced = 52,

    /// <summary>Transactional id authorization failed.</summary>
    TransactionalIdAuthorizationFailed = 53,

    /// <summary>Security features are disabled.</summary>
    SecurityDisabled = 54,

    /// <summary>The operation was not attempted.</summary>
    OperationNotAttempted = 55,

    /// <summary>A disk error occurred when the log was accessed.</summary>
    KafkaStorageError = 56,

    /// <summary>The log directory does not exist.</summary>
    LogDirNotFound = 57,

    /// <summary>SASL authentication failed.</summary>
    SaslAuthenticationFailed = 58,

    /// <summary>The broker has no state for this producer id any more.</summary>
    UnknownProducerId = 59,

    /// <summary>A partition reassignment is in progress.</summary>
    ReassignmentInProgress = 60,

    /// <summary>Delegation tokens are disabled.</summary>
    DelegationTokenAuthDisabled = 61,

    /// <summary>The delegation token was not found.</summary>
    DelegationTokenNotFound = 62,

    /// <summary>The principal does not own the delegation token.</summary>
    DelegationTokenOwnerMismatch = 63,

    /// <summary>Delegation token requests are not allowed on this connection.</summary>
    DelegationTokenRequestNotAllowed = 64,

    /// <summary>Delegation token authorization failed.</summary>
    DelegationTokenAuthorizationFailed = 65,

    /// <summary>The delegation token has expired.</summary>
    DelegationTokenExpired = 66,

    /// <summary>The principal type is not supported.</summary>
    InvalidPrincipalType = 67,

    /// <summary>The group is not empty.</summary>
    NonEmptyGroup = 68,

    /// <summary>The group id does not exist.</summary>
    GroupIdNotFound = 69,

    /// <summary>The fetch session does not exist.</summary>
    FetchSessionIdNotFound = 70,

    /// <summary>The fetch session epoch is invalid.</summary>
    InvalidFetchSessionEpoch = 71,

    /// <summary>There is no listener on the leader that matches the one on which the request was made.</summary>
    ListenerNotFound = 72,

    /// <summary>Topic deletion is disabled.</summary>
    TopicDeletionDisabled = 73,

    /// <summary>The leader epoch in the request is older than the broker's.</summary>
    FencedLeaderEpoch = 74,

    /// <summary>The leader epoch in the request is newer than the broker's.</summary>
    UnknownLeaderEpoch = 75,

    /// <summary>The compression type is not supported for this version of the API.</summary>
    UnsupportedCompressionType = 76,

    /// <summary>The broker epoch has changed.</summary>
    StaleBrokerEpoch = 77,

    /// <summary>The leader's high watermark has not caught up after its election.</summary>
    OffsetNotAvailable = 78,

    /// <summary>The member needs a member id before it may join the group.</summary>
    MemberIdRequired = 79,

    /// <summary>The preferred leader was not available.</summary>
    PreferredLeaderNotAvailable = 80,

    /// <summary>The group has reached its maximum size.</summary>
    GroupMaxSizeReached = 81,

    /// <summary>Another member with the same group.instance.id has fenced this one.</summary>
    FencedInstanceId = 82,

    /// <summary>No eligible leader was available.</summary>
    EligibleLeadersNotAvailable = 83,

    /// <summary>The partition already has the right leader.</summary>
    ElectionNotNeeded = 84,

    /// <summary>No partition reassignment is in progress.</summary>
    NoReassignmentInProgress = 85,

    /// <summary>A member of the group is subscribed to the topic.</summary>
    GroupSubscribedToTopic = 86,

    /// <summary>The record failed validation on the broker.</summary>
    InvalidRecord = 87,

    /// <summary>There are unstable offsets to be cleared.</summary>
    UnstableOffsetCommit = 88,

    /// <summary>The throttling quota has been exceeded.</summary>
    ThrottlingQuotaExceeded = 89,

    /// <summary>A newer producer with the same transactional id fences this one.</summary>
    ProducerFenced = 90,

    /// <summary>The resource was not found.</summary>
    ResourceNotFound = 91,

    /// <summary>The resource already exists.</summary>
    DuplicateResource = 92,

    /// <summary>The credential does not meet the criteria.</summary>
    UnacceptableCredential = 93,

    /// <summary>The voter set is inconsistent.</summary>
    InconsistentVoterSet = 94,

    /// <summary>The update version is invalid.</summary>
    InvalidUpdateVersion = 95,

    /// <summary>The feature update failed.</summary>
    FeatureUpdateFailed = 96,

    /// <summary>The principal could not be deserialized.</summary>
    PrincipalDeserializationFailure = 97,

    /// <summary>The snapshot was not found.</summary>
    SnapshotNotFound = 98,

    /// <summary>The position is outside the snapshot.</summary>
    PositionOutOfRange = 99,

    /// <summary>This broker does not host this topic id.</summary>
    UnknownTopicId = 100,

    /// <summary>The broker id is already in use.</summary>
    DuplicateBrokerRegistration = 101,

    /// <summary>The broker id is not registered.</summary>
    BrokerIdNotRegistered = 102,

    /// <summary>The topic id does not match the one in the log.</summary>
    InconsistentTopicId = 103,

    /// <summary>The cluster id does not match.</summary>
    InconsistentClusterId = 104,

    /// <summary>The transactional id was not found.</summary>
    TransactionalIdNotFound = 105,

    /// <summary>The fetch session mixes topic ids and names.</summary>
    FetchSessionTopicIdError = 106,

    /// <summary>The replica may not join the ISR.</summary>
    IneligibleReplica = 107,

    /// <summary>The AlterPartition request took effect, but the leader changed.</summary>
    NewLeaderElected = 108,

    /// <summary>The offset moved to tiered storage.</summary>
    OffsetMovedToTieredStorage = 109,

    /// <summary>The member epoch is fenced by the group coordinator.</summary>
    FencedMemberEpoch = 110,

    /// <summary>The instance id is still used by another member.</summary>
    UnreleasedInstanceId = 111,

    /// <summary>The assignor is not supported.</summary>
    UnsupportedAssignor = 112,

    /// <summary>The member epoch is stale; refresh it and retry.</summary>
    StaleMemberEpoch = 113,

    /// <summary>The request went to an endpoint of the wrong type.</summary>
    MismatchedEndpointType = 114,

    /// <summary>The endpoint type is not supported.</summary>
    UnsupportedEndpointType = 115,

    /// <summary>The controller id is not known.</summary>
    UnknownControllerId = 116,

    /// <summary>The subscription id is not known.</summary>
    UnknownSubscriptionId = 117,

    /// <summary>The telemetry push is too large.</summary>
    TelemetryTooLarge = 118,

    /// <summary>The registration is invalid.</summary>
    InvalidRegistration = 119,

    /// <summary>The transaction must be aborted.</summary>
    TransactionAbortable = 120,

    /// <summary>The regular expression is not valid.</summary>
    InvalidRegularExpression = 128,
}
