using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Gateway.Requests;

/// <summary>A response on its way; the responses of a connection are sent in the order of its requests.</summary>
/// <param name="Api">The API.</param>
/// <param name="Version">The response's version.</param>
/// <param name="CorrelationId">The client's number for the request.</param>
/// <param name="RequestBytes">The size of the request, held in <see cref="Connections.RequestMemory"/> until the response is sent.</param>
/// <param name="Response">The response; null for none.</param>
internal readonly record struct PendingResponse(
    ApiDescriptor Api,
    short Version,
    int CorrelationId,
    int RequestBytes,
    ValueTask<IKafkaMessage?> Response)
{
    /// <summary>Writes the response with its header.</summary>
    public void Write(KafkaWriter writer, IKafkaMessage response)
    {
        writer.WriteInt32(CorrelationId);
        if (Api.ResponseHeaderVersion(Version) >= 1)
        {
            writer.WriteUnsignedVarInt(0);
        }

        response.Write(writer, Version);
    }
}
