namespace OrleansStream.Metadata;

/// <summary>The store cannot take the operation now: the connection is lost, or the disk is full or broken.</summary>
public sealed class MetadataUnavailableException : MetadataStoreException
{
    /// <summary>Says what is wrong and whether the operation may have taken effect all the same.</summary>
    public MetadataUnavailableException(string message, bool isOutcomeUnknown, Exception? innerException = null)
        : base(message, innerException)
        => IsOutcomeUnknown = isOutcomeUnknown;

    /// <summary>Whether the operation may have taken effect all the same. When false, it certainly has not.</summary>
    public bool IsOutcomeUnknown { get; }
}
