namespace OrleansStream.Protocol;

/// <summary>
/// Bytes that break the protocol: a malformed batch, record, frame or varint. The connection (or the read) that
/// delivered them ends; nothing else is affected.
/// </summary>
public sealed class ProtocolException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="errorCode">The code to answer with.</param>
    /// <param name="message">What was wrong, with the value, and what would be right.</param>
    /// <param name="innerException">The cause, if a library found the fault.</param>
    public ProtocolException(ErrorCode errorCode, string message, Exception? innerException = null)
        : base(message, innerException) => ErrorCode = errorCode;

    /// <summary>The code to answer with.</summary>
    public ErrorCode ErrorCode { get; }
}
