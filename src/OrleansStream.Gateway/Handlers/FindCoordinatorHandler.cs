using OrleansStream.Gateway.Requests;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Gateway.Handlers;

/// <summary>
/// FindCoordinator, 0 to 4. There are no coordinators yet. For groups the orderly answer is COORDINATOR_NOT_AVAILABLE, which
/// clients retry: a consumer with an assignment of its own goes on reading. A transactional producer cannot do
/// anything without one, so it gets an error that ends it at once.
/// </summary>
internal sealed class FindCoordinatorHandler : KafkaHandler<FindCoordinatorRequest>
{
    private const sbyte GroupKey = 0;
    private const sbyte TransactionKey = 1;

    /// <inheritdoc/>
    protected override ValueTask<IKafkaMessage?> HandleAsync(FindCoordinatorRequest request, RequestContext context)
    {
        var (error, message) = request.KeyType switch
        {
            GroupKey => (ErrorCode.CoordinatorNotAvailable, "This broker has no group coordinator yet."),
            TransactionKey => (ErrorCode.TransactionalIdAuthorizationFailed, "This broker has no transactions yet: leave transactional.id out."),
            _ => (ErrorCode.InvalidRequest, $"The key type is {request.KeyType}; it must be 0 (group) or 1 (transaction)."),
        };
        var response = new FindCoordinatorResponse { ErrorCode = error, ErrorMessage = message, NodeId = -1, Port = -1 };
        response.Coordinators.AddRange(request.CoordinatorKeys.Select(key => new FindCoordinatorResponse.Coordinator
        {
            Key = key,
            NodeId = -1,
            Port = -1,
            ErrorCode = error,
            ErrorMessage = message,
        }));
        return ValueTask.FromResult<IKafkaMessage?>(response);
    }
}
