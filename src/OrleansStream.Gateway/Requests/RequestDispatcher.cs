using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Gateway.Requests;

/// <summary>Reads a request's header and hands the body to the API's handler.</summary>
internal sealed class RequestDispatcher
{
    private readonly Dictionary<ApiKey, IKafkaHandler> _handlers;

    /// <summary>Takes the handlers; there is one for each API that the gateway advertises.</summary>
    public RequestDispatcher(IEnumerable<IKafkaHandler> handlers)
    {
        _handlers = handlers.ToDictionary(handler => handler.ApiKey);
    }

    /// <summary>Begins to answer a request.</summary>
    /// <exception cref="KafkaProtocolException">The request is malformed, of an unknown API or of a version that is not served.</exception>
    public PendingResponse Dispatch(ReadOnlyMemory<byte> frame, ClientState client, CancellationToken aborted, CancellationToken lastRequest)
    {
        var reader = new KafkaReader(frame);
        var key = reader.ReadInt16();
        var version = reader.ReadInt16();
        var correlationId = reader.ReadInt32();
        if (KafkaApis.Find(key) is not { } api || !_handlers.TryGetValue(api.Key, out var handler))
        {
            throw new KafkaProtocolException($"API {key} (version {version}) is not served; see ApiVersions for those that are.");
        }

        if (!api.Supports(version))
        {
            return api.Key == ApiKey.ApiVersions
                ? UnsupportedApiVersions(api, correlationId)
                : throw new KafkaProtocolException($"Version {version} of {api.Key} is not served; {api.MinVersion} to {api.MaxVersion} are.");
        }

        var clientId = reader.ReadNullableString(flexible: false);
        if (api.RequestHeaderVersion(version) >= 2)
        {
            reader.SkipTaggedFields();
        }

        var context = new RequestContext(api, version, correlationId, clientId, frame.Length, client, aborted, lastRequest);
        return new PendingResponse(api, version, correlationId, frame.Length, handler.HandleAsync(ref reader, context));
    }

    /// <summary>KIP-511: an unknown version of ApiVersions is answered as version 0, with the range that works.</summary>
    private static PendingResponse UnsupportedApiVersions(ApiDescriptor api, int correlationId)
    {
        var response = new ApiVersionsResponse
        {
            ErrorCode = ErrorCode.UnsupportedVersion,
            ApiKeys = { new() { ApiKey = (short)api.Key, MinVersion = api.AdvertisedMinVersion, MaxVersion = api.MaxVersion } },
        };
        return new PendingResponse(api, 0, correlationId, 0, ValueTask.FromResult<IKafkaMessage?>(response));
    }
}
