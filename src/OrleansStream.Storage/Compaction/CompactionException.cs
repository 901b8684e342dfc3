namespace OrleansStream.Storage.Compaction;

/// <summary>A log could not be compacted, for want of disk space for example; the log itself is as it was.</summary>
public sealed class CompactionException : IOException
{
    /// <summary>Makes the exception.</summary>
    public CompactionException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
