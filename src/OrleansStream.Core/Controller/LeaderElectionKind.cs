namespace OrleansStream.Core.Controller;

/// <summary>Which replica an election that was asked for favours, with Kafka's numbers (KIP-460).</summary>
public enum LeaderElectionKind : byte
{
    /// <summary>The first replica of the assignment, if it is in sync.</summary>
    Preferred = 0,

    /// <summary>Any live replica, in sync or not, for a partition without a leader.</summary>
    Unclean = 1,
}
