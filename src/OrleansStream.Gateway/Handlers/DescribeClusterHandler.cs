using OrleansStream.Gateway.Requests;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Gateway.Handlers;

/// <summary>DescribeCluster, 0 and 1 (KIP-700). Only brokers can be asked for (endpoint type 1, KIP-919).</summary>
internal sealed class DescribeClusterHandler(BrokerGrains grains) : KafkaHandler<DescribeClusterRequest>
{
    private const sbyte Brokers = 1;

    /// <inheritdoc/>
    protected override async ValueTask<IKafkaMessage?> HandleAsync(DescribeClusterRequest request, RequestContext context)
    {
        if (request.EndpointType != Brokers)
        {
            return new DescribeClusterResponse
            {
                ErrorCode = ErrorCode.UnsupportedEndpointType,
                ErrorMessage = $"Endpoint type {request.EndpointType} is not supported; only 1 (brokers) is.",
            };
        }

        var metadata = await grains.Cluster.GetMetadataAsync(new Abstractions.MetadataRequest([], false), context.Aborted);
        var response = new DescribeClusterResponse { ClusterId = metadata.ClusterId, ControllerId = metadata.ControllerId };
        if (request.IncludeClusterAuthorizedOperations)
        {
            response.ClusterAuthorizedOperations = AuthorizedOperations.Cluster;
        }

        response.Brokers.AddRange(metadata.Brokers.Select(broker => new DescribeClusterResponse.DescribeClusterBroker
        {
            BrokerId = broker.BrokerId,
            Host = broker.Host,
            Port = broker.KafkaPort,
            Rack = broker.Rack,
        }));
        return response;
    }
}
