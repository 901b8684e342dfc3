using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>
/// One replica of one partition on one broker: the shell around its log. Its key is
/// <see cref="PartitionGrainKey"/> (<c>topic/partition@brokerId</c>) and the placement director puts it on
/// that broker's silo and nowhere else. Only the replica that the controller made leader answers
/// produce and client reads; any other answers <see cref="ErrorCode.NotLeaderOrFollower"/>.
/// </summary>
/// <remarks>Expected failures are error codes in the answers. An exception means a bug or a dead silo.</remarks>
[Alias("OrleansStream.IPartitionGrain")]
public interface IPartitionGrain : IGrainWithStringKey
{
    /// <summary>
    /// Appends one RecordBatch v2 and answers when it is as durable as <see cref="PartitionProduceRequest.Acks"/> asks.
    /// Offsets and leader epoch are stamped by the leader. A repeated batch of an idempotent producer is
    /// answered as success with the offset of its first append (KIP-98, KIP-679).
    /// </summary>
    [Alias("Produce")]
    Task<PartitionProduceResponse> ProduceAsync(PartitionProduceRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// Reads what is there from an offset, without waiting. At the end of the log the answer is empty, not an error.
    /// </summary>
    [Alias("Read")]
    Task<PartitionReadResponse> ReadAsync(PartitionReadRequest request, CancellationToken cancellationToken);

    /// <summary>Finds an offset by timestamp, or the earliest, latest or max-timestamp offset (Kafka's ListOffsets).</summary>
    [Alias("ListOffset")]
    Task<ListOffsetResponse> ListOffsetAsync(ListOffsetRequest request, CancellationToken cancellationToken);

    /// <summary>The end offset of the largest leader epoch that is not above the given one (KIP-101, KIP-279).</summary>
    [Alias("OffsetForLeaderEpoch")]
    Task<OffsetForLeaderEpochResponse> OffsetForLeaderEpochAsync(OffsetForLeaderEpochRequest request, CancellationToken cancellationToken);

    /// <summary>Moves the log start offset forward (Kafka's DeleteRecords). Offset -1 means the high watermark.</summary>
    [Alias("DeleteRecords")]
    Task<DeleteRecordsResponse> DeleteRecordsAsync(long beforeOffset, CancellationToken cancellationToken);

    /// <summary>The replica's state, for tools and the dashboard.</summary>
    [Alias("Describe")]
    Task<PartitionDescription> DescribeAsync(CancellationToken cancellationToken);

    /// <summary>The idempotent producers that the leader knows (KIP-664).</summary>
    [Alias("DescribeProducers")]
    Task<DescribeProducersResponse> DescribeProducersAsync(CancellationToken cancellationToken);

    /// <summary>
    /// The controller's word, passed on by the broker's <see cref="IBrokerGrain"/>: opens the log if it is not open
    /// and makes this replica leader or follower of the given epoch. An older leader epoch is refused with
    /// <see cref="ErrorCode.FencedLeaderEpoch"/>.
    /// </summary>
    [Alias("LeaderAndIsr")]
    Task<ErrorCode> LeaderAndIsrAsync(LeaderAndIsrPartition state, CancellationToken cancellationToken);

    /// <summary>
    /// Closes the replica and, if asked, deletes its log (Kafka's StopReplica). A request of an older leader epoch is refused with
    /// <see cref="ErrorCode.FencedLeaderEpoch"/>; a negative one, of a topic that is being deleted, never is.
    /// </summary>
    [Alias("StopReplica")]
    Task<ErrorCode> StopReplicaAsync(bool deletePartition, int leaderEpoch, CancellationToken cancellationToken);
}
