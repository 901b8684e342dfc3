namespace OrleansStream.Client;

/// <summary>What became of one record that was sent with a handler.</summary>
/// <param name="Result">Where the record is; with an <paramref name="Error"/> the offset is -1.</param>
/// <param name="State">What the sender passed along.</param>
/// <param name="Error">Why the record was not delivered; null when it was.</param>
public readonly record struct DeliveryReport(DeliveryResult Result, object? State, ProduceException? Error)
{
    /// <summary>Whether the record was delivered.</summary>
    public bool IsDelivered => Error is null;
}

/// <summary>
/// Takes the report on one record. It is called on a thread of the pool, in the order of the records of a partition,
/// and must return quickly: the next reports of the same batch wait for it. An exception from it is logged.
/// </summary>
/// <param name="report">The report.</param>
public delegate void DeliveryHandler(in DeliveryReport report);
