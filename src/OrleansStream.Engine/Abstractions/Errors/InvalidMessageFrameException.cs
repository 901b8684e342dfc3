namespace Orleans.Runtime.Messaging;

/// <summary>What arrived on a connection is not a frame, or a frame is larger than allowed. The connection is closed.</summary>
public sealed class InvalidMessageFrameException : OrleansException
{
    /// <summary>Without a message.</summary>
    public InvalidMessageFrameException()
    {
    }

    /// <summary>With a message.</summary>
    public InvalidMessageFrameException(string message)
        : base(message)
    {
    }

    /// <summary>With a message and a cause.</summary>
    public InvalidMessageFrameException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
