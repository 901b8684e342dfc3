using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Gateway.Requests;

/// <summary>Answers the requests of one API.</summary>
internal interface IKafkaHandler
{
    /// <summary>The API.</summary>
    ApiKey ApiKey { get; }

    /// <summary>
    /// Reads the request and begins to answer it. The part before the first await runs in the order of the requests of
    /// a connection. Null means that the client expects no response.
    /// </summary>
    /// <exception cref="KafkaProtocolException">The body is malformed; thrown at once, not through the task.</exception>
    ValueTask<IKafkaMessage?> HandleAsync(ref KafkaReader body, RequestContext context);
}

/// <summary>The base of the handlers: reads the body.</summary>
/// <typeparam name="TRequest">The request.</typeparam>
internal abstract class KafkaHandler<TRequest> : IKafkaHandler
    where TRequest : IKafkaRequest<TRequest>
{
    /// <inheritdoc/>
    public ApiKey ApiKey => TRequest.ApiKey;

    /// <inheritdoc/>
    public ValueTask<IKafkaMessage?> HandleAsync(ref KafkaReader body, RequestContext context)
    {
        // What follows the last field is ignored, as Kafka's brokers do: librdkafka 2.2 to 2.15 sends three bytes too many
        // when it asks for the metadata of all topics in version 9 or later.
        var request = TRequest.Read(ref body, context.Version);
        return HandleAsync(request, context);
    }

    /// <summary>Answers the request.</summary>
    protected abstract ValueTask<IKafkaMessage?> HandleAsync(TRequest request, RequestContext context);
}
