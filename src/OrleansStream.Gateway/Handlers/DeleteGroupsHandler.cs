using OrleansStream.Gateway.Requests;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Gateway.Handlers;

/// <summary>DeleteGroups, 0 to 2.</summary>
internal sealed class DeleteGroupsHandler(GroupCoordinators coordinators) : KafkaHandler<DeleteGroupsRequest>
{
    /// <inheritdoc/>
    protected override async ValueTask<IKafkaMessage?> HandleAsync(DeleteGroupsRequest request, RequestContext context)
    {
        var errors = await Task.WhenAll(request.GroupsNames.Select(groupId => coordinators.CallAsync(
            groupId,
            async coordinator => (await coordinator.DeleteGroupsAsync([groupId], context.Aborted))[0],
            error => error,
            error => error,
            context.Aborted)));
        var response = new DeleteGroupsResponse();
        response.Results.AddRange(request.GroupsNames.Zip(errors, (groupId, error) => new DeleteGroupsResponse.DeletableGroupResult
        {
            GroupId = groupId,
            ErrorCode = error,
        }));
        return response;
    }
}
