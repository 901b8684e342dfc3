using OrleansStream.Abstractions;
using OrleansStream.Gateway.Requests;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Gateway.Handlers;

/// <summary>
/// FindCoordinator, 0 to 4. There are no transactions yet; a transactional producer cannot do anything without a coordinator, so it gets
/// an error that ends it at once.
/// </summary>
internal sealed class FindCoordinatorHandler(BrokerGrains grains) : KafkaHandler<FindCoordinatorRequest>
{
    private const sbyte GroupKey = 0;
    private const sbyte TransactionKey = 1;
    private const short FirstBatchedVersion = 4;

    /// <inheritdoc/>
    protected override async ValueTask<IKafkaMessage?> HandleAsync(FindCoordinatorRequest request, RequestContext context)
    {
        string[] keys = context.Version >= FirstBatchedVersion ? [.. request.CoordinatorKeys] : [request.Key];
        var locations = request.KeyType switch
        {
            GroupKey => await FindAsync(keys, context.Aborted),
            TransactionKey => Failed(
                keys, ErrorCode.TransactionalIdAuthorizationFailed, "This broker has no transactions yet: leave transactional.id out."),
            _ => Failed(keys, ErrorCode.InvalidRequest, $"The key type is {request.KeyType}; it must be 0 (group) or 1 (transaction)."),
        };
        var response = new FindCoordinatorResponse();
        if (context.Version >= FirstBatchedVersion)
        {
            response.Coordinators.AddRange(locations.Select(location => new FindCoordinatorResponse.Coordinator
            {
                Key = location.Key,
                NodeId = location.BrokerId,
                Host = location.Host,
                Port = location.KafkaPort,
                ErrorCode = location.Error,
                ErrorMessage = location.ErrorMessage,
            }));
        }
        else
        {
            response.NodeId = locations[0].BrokerId;
            response.Host = locations[0].Host;
            response.Port = locations[0].KafkaPort;
            response.ErrorCode = locations[0].Error;
            response.ErrorMessage = locations[0].ErrorMessage;
        }

        return response;
    }

    private async Task<CoordinatorLocation[]> FindAsync(string[] groups, CancellationToken cancellationToken)
    {
        try
        {
            return await grains.Cluster.FindCoordinatorAsync(groups, cancellationToken);
        }
        catch (Exception exception) when (GrainErrors.IsPassing(exception) && !cancellationToken.IsCancellationRequested)
        {
            return Failed(groups, ErrorCode.CoordinatorNotAvailable, exception.Message);
        }
    }

    private static CoordinatorLocation[] Failed(string[] keys, ErrorCode error, string message)
        => Array.ConvertAll(keys, key => new CoordinatorLocation(key, error, message, -1, -1, string.Empty, -1));
}
