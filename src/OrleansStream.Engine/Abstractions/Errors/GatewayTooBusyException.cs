namespace Orleans.Runtime;

/// <summary>A gateway refuses a client's call because too many of that client's calls are unanswered.</summary>
public sealed class GatewayTooBusyException : OrleansException
{
    /// <summary>Without a message.</summary>
    public GatewayTooBusyException()
        : base("Gateway too busy")
    {
    }

    /// <summary>With a message.</summary>
    public GatewayTooBusyException(string message)
        : base(message)
    {
    }

    /// <summary>With a message and a cause.</summary>
    public GatewayTooBusyException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
