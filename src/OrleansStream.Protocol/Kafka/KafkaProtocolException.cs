namespace OrleansStream.Protocol.Kafka;

/// <summary>Bytes that are not what Kafka's protocol says. The connection that they came from is closed; no other is disturbed.</summary>
public sealed class KafkaProtocolException : Exception
{
    /// <summary>Makes the exception.</summary>
    public KafkaProtocolException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
