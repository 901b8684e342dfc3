namespace OrleansStream.Storage.Files;

/// <summary>Something that was durable is not in a log's files as it was written.</summary>
/// <param name="files">The files.</param>
/// <param name="address">Where.</param>
/// <param name="reason">What is wrong.</param>
internal sealed class DamagedLogException(SegmentFiles files, long address, string reason)
    : IOException($"{files.PathOf(files.Geometry.SegmentOf(address))} is damaged at address {address}: {reason}")
{
    /// <summary>The files.</summary>
    public SegmentFiles Files => files;

    /// <summary>Where.</summary>
    public long Address => address;

    /// <summary>What is wrong.</summary>
    public string Reason => reason;
}
