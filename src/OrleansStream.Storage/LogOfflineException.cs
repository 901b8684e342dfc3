namespace OrleansStream.Storage;

/// <summary>A log cannot be used any more: an I/O error, a full disk or damaged data. Names the partition, the file and the cause.</summary>
public sealed class LogOfflineException : IOException
{
    /// <summary>Makes the exception.</summary>
    public LogOfflineException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
