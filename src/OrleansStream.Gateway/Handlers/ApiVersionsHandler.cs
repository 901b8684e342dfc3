using OrleansStream.Gateway.Requests;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Gateway.Handlers;

/// <summary>
/// ApiVersions, 0 to 4 (KIP-35, KIP-511). Shows exactly the APIs that have a handler; an unknown version is answered by
/// the dispatcher, in version 0.
/// </summary>
internal sealed class ApiVersionsHandler(IEnumerable<ServedApi> served) : KafkaHandler<ApiVersionsRequest>
{
    private readonly List<ApiVersionsResponse.ApiVersion> _versions =
    [
        .. served.Select(api => KafkaApis.Find((short)api.Key)!).OrderBy(api => api.Key).Select(api => new ApiVersionsResponse.ApiVersion
        {
            ApiKey = (short)api.Key,
            MinVersion = api.AdvertisedMinVersion,
            MaxVersion = api.MaxVersion,
        }),
    ];

    /// <inheritdoc/>
    protected override ValueTask<IKafkaMessage?> HandleAsync(ApiVersionsRequest request, RequestContext context)
    {
        if (context.Version >= 3)
        {
            if (!IsSoftwareName(request.ClientSoftwareName) || !IsSoftwareName(request.ClientSoftwareVersion))
            {
                return ValueTask.FromResult<IKafkaMessage?>(new ApiVersionsResponse { ErrorCode = ErrorCode.InvalidRequest });
            }

            context.Client.SoftwareName = request.ClientSoftwareName;
            context.Client.SoftwareVersion = request.ClientSoftwareVersion;
        }

        return ValueTask.FromResult<IKafkaMessage?>(new ApiVersionsResponse { ApiKeys = _versions });
    }

    /// <summary>KIP-511: letters, digits, '-' and '.', beginning and ending with a letter or digit.</summary>
    private static bool IsSoftwareName(string name)
        => name.Length > 0
            && char.IsAsciiLetterOrDigit(name[0])
            && char.IsAsciiLetterOrDigit(name[^1])
            && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '.');
}

/// <summary>An API that has a handler.</summary>
/// <param name="Key">The API.</param>
internal sealed record ServedApi(ApiKey Key);
