namespace OrleansStream.Client;

/// <summary>An operation failed, for a reason that has one of Kafka's error codes.</summary>
public class OrleansStreamException : Exception
{
    /// <summary>An operation failed.</summary>
    /// <param name="error">Kafka's code.</param>
    /// <param name="message">What was wrong, with the value, and what would be right.</param>
    /// <param name="innerException">What lies beneath, null for nothing.</param>
    public OrleansStreamException(ErrorCode error, string message, Exception? innerException = null)
        : base(message, innerException) => Error = error;

    /// <summary>Kafka's code.</summary>
    public ErrorCode Error { get; }

    /// <summary>Whether the same operation may succeed when it is tried again.</summary>
    public bool IsRetriable => Error.MayRetry();
}
