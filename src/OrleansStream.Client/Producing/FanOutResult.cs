namespace OrleansStream.Client;

/// <summary>What became of one event that was sent to several topics.</summary>
/// <param name="Reports">The outcome of each topic, in the order of the call.</param>
public sealed record FanOutResult(IReadOnlyList<DeliveryReport> Reports)
{
    /// <summary>Whether every topic has the record.</summary>
    public bool IsComplete => Reports.All(report => report.IsDelivered);

    /// <summary>Throws the first failure, if there is one.</summary>
    /// <exception cref="ProduceException">A topic does not have the record.</exception>
    public void ThrowIfIncomplete()
    {
        foreach (var report in Reports)
        {
            if (report.Error is { } error)
            {
                throw error;
            }
        }
    }
}
