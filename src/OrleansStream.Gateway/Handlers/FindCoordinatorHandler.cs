using OrleansStream.Gateway.Requests;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Gateway.Handlers;

/// <summary>
/// FindCoordinator, 0 to 4. There are no coordinators yet, so the orderly answer is COORDINATOR_NOT_AVAILABLE, which
/// clients retry.
/// </summary>
internal sealed class FindCoordinatorHandler : KafkaHandler<FindCoordinatorRequest>
{
    private const string Message = "This broker has no group or transaction coordinator yet.";

    /// <inheritdoc/>
    protected override ValueTask<IKafkaMessage?> HandleAsync(FindCoordinatorRequest request, RequestContext context)
    {
        var response = new FindCoordinatorResponse
        {
            ErrorCode = ErrorCode.CoordinatorNotAvailable,
            ErrorMessage = Message,
            NodeId = -1,
            Port = -1,
        };
        response.Coordinators.AddRange(request.CoordinatorKeys.Select(key => new FindCoordinatorResponse.Coordinator
        {
            Key = key,
            NodeId = -1,
            Port = -1,
            ErrorCode = ErrorCode.CoordinatorNotAvailable,
            ErrorMessage = Message,
        }));
        return ValueTask.FromResult<IKafkaMessage?>(response);
    }
}
