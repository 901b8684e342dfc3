using OrleansStream.Gateway.Requests;
using OrleansStream.Protocol.Kafka;
using ListGroupsRequest = OrleansStream.Protocol.Kafka.ListGroupsRequest;
using ListGroupsResponse = OrleansStream.Protocol.Kafka.ListGroupsResponse;

namespace OrleansStream.Gateway.Handlers;

/// <summary>ListGroups, 0 to 5: the groups that this broker coordinates; tools ask all brokers.</summary>
internal sealed class ListGroupsHandler(GroupCoordinators coordinators) : KafkaHandler<ListGroupsRequest>
{
    /// <inheritdoc/>
    protected override async ValueTask<IKafkaMessage?> HandleAsync(ListGroupsRequest request, RequestContext context)
    {
        var list = new Abstractions.ListGroupsRequest([.. request.StatesFilter], [.. request.TypesFilter]);
        var response = new ListGroupsResponse();
        try
        {
            var all = await coordinators.AllAsync(context.Aborted);
            foreach (var listed in await Task.WhenAll(all.Select(coordinator => coordinator.ListGroupsAsync(list, context.Aborted))))
            {
                // One that has just gone to another broker is listed there.
                if (listed.Error is not (ErrorCode.None or ErrorCode.NotCoordinator))
                {
                    return new ListGroupsResponse { ErrorCode = listed.Error };
                }

                response.Groups.AddRange(listed.Groups.Select(group => new ListGroupsResponse.ListedGroup
                {
                    GroupId = group.GroupId,
                    ProtocolType = group.ProtocolType,
                    GroupState = group.State,
                    GroupType = group.Type,
                }));
            }

            return response;
        }
        catch (Exception exception) when (GrainErrors.IsPassing(exception) && !context.Aborted.IsCancellationRequested)
        {
            return new ListGroupsResponse { ErrorCode = ErrorCode.CoordinatorNotAvailable };
        }
    }
}
