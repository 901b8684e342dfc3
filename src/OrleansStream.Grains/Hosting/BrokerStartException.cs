namespace OrleansStream.Grains.Hosting;

/// <summary>The broker cannot start, for a reason that its operator can do something about. The message is one clear line.</summary>
public sealed class BrokerStartException : Exception
{
    /// <summary>Makes the exception.</summary>
    public BrokerStartException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
