namespace Orleans.Serialization;

/// <summary>A message could not be written or read: it is malformed, or holds something that has no serializer.</summary>
public class SerializerException : Exception
{
    /// <summary>An error without a message.</summary>
    public SerializerException()
    {
    }

    /// <summary>An error with a message.</summary>
    /// <param name="message">What was wrong.</param>
    public SerializerException(string message)
        : base(message)
    {
    }

    /// <summary>An error with a message and a cause.</summary>
    /// <param name="message">What was wrong.</param>
    /// <param name="innerException">The cause.</param>
    public SerializerException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
