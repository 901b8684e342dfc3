using OrleansStream.Gateway.Requests;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Gateway.Handlers;

/// <summary>DeleteGroups, 0 to 2: there are no groups, so none is found.</summary>
internal sealed class DeleteGroupsHandler : KafkaHandler<DeleteGroupsRequest>
{
    /// <inheritdoc/>
    protected override ValueTask<IKafkaMessage?> HandleAsync(DeleteGroupsRequest request, RequestContext context)
    {
        var response = new DeleteGroupsResponse();
        response.Results.AddRange(request.GroupsNames.Select(group => new DeleteGroupsResponse.DeletableGroupResult
        {
            GroupId = group,
            ErrorCode = ErrorCode.GroupIdNotFound,
        }));
        return ValueTask.FromResult<IKafkaMessage?>(response);
    }
}
