namespace Orleans.Runtime.Messaging;

/// <summary>A connection to a silo or gateway could not be made, or broke.</summary>
public class ConnectionFailedException : OrleansException
{
    /// <summary>Without a message.</summary>
    public ConnectionFailedException()
    {
    }

    /// <summary>With a message.</summary>
    public ConnectionFailedException(string message)
        : base(message)
    {
    }

    /// <summary>With a message and a cause.</summary>
    public ConnectionFailedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
