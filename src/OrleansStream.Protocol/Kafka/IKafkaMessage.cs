namespace OrleansStream.Protocol.Kafka;

/// <summary>Something with a versioned encoding in Kafka's protocol.</summary>
public interface IKafkaMessage
{
    /// <summary>Writes the message as of a version; fields that the version lacks are left out.</summary>
    void Write(KafkaWriter writer, short version);
}

/// <summary>A message that can be read.</summary>
/// <typeparam name="TSelf">The message itself.</typeparam>
public interface IKafkaMessage<TSelf> : IKafkaMessage
    where TSelf : IKafkaMessage<TSelf>
{
    /// <summary>The oldest version.</summary>
    static abstract short MinVersion { get; }

    /// <summary>The newest version.</summary>
    static abstract short MaxVersion { get; }

    /// <summary>Reads the message as of a version; byte memories are slices of the reader's buffer.</summary>
    /// <exception cref="KafkaProtocolException">The bytes are not such a message.</exception>
    static abstract TSelf Read(ref KafkaReader reader, short version);
}

/// <summary>A request of an API.</summary>
/// <typeparam name="TSelf">The request itself.</typeparam>
public interface IKafkaRequest<TSelf> : IKafkaMessage<TSelf>
    where TSelf : IKafkaRequest<TSelf>
{
    /// <summary>The API.</summary>
    static abstract ApiKey ApiKey { get; }
}

/// <summary>A response of an API.</summary>
/// <typeparam name="TSelf">The response itself.</typeparam>
public interface IKafkaResponse<TSelf> : IKafkaMessage<TSelf>
    where TSelf : IKafkaResponse<TSelf>
{
    /// <summary>The API.</summary>
    static abstract ApiKey ApiKey { get; }
}
