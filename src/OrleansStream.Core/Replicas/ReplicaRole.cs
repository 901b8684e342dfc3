namespace OrleansStream.Core.Replicas;

/// <summary>What a replica is at the moment.</summary>
public enum ReplicaRole
{
    /// <summary>
    /// The log is open, the controller has not spoken yet, or the replica was stopped: nothing is served. Leads to
    /// <see cref="Leader"/> or <see cref="Follower"/> by the controller's word, to <see cref="Offline"/> by a disk error.
    /// </summary>
    Unassigned,

    /// <summary>
    /// Appends, serves reads, moves the high watermark. Leads to <see cref="Follower"/> (or to itself) by a larger leader
    /// epoch, to <see cref="Unassigned"/> by a stop, to <see cref="Offline"/> by a disk error.
    /// </summary>
    Leader,

    /// <summary>
    /// Copies the leader's log. Leads to <see cref="Leader"/> (or to itself) by a larger leader epoch, to
    /// <see cref="Unassigned"/> by a stop, to <see cref="Offline"/> by a disk error.
    /// </summary>
    Follower,

    /// <summary>The disk has failed: everything is refused with <see cref="ErrorCode.KafkaStorageError"/>. Nothing leads out.</summary>
    Offline,
}
