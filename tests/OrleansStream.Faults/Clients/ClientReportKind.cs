namespace OrleansStream.Faults.Clients;

/// <summary>What a client's producer reports.</summary>
internal enum ClientReportKind
{
    /// <summary>A record is acknowledged.</summary>
    Acknowledged,

    /// <summary>A record was not delivered, or nobody knows.</summary>
    Failed,

    /// <summary>The producer can go on no more, for a reason that the cluster gave.</summary>
    Fatal,

    /// <summary>The client was made anew, as an application would do that knows its faults.</summary>
    Restarted,
}
