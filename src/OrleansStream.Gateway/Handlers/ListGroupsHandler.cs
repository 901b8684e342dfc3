using OrleansStream.Gateway.Requests;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Gateway.Handlers;

/// <summary>ListGroups, 0 to 5: this broker coordinates no groups, so tools that list them see none.</summary>
internal sealed class ListGroupsHandler : KafkaHandler<ListGroupsRequest>
{
    /// <inheritdoc/>
    protected override ValueTask<IKafkaMessage?> HandleAsync(ListGroupsRequest request, RequestContext context)
        => ValueTask.FromResult<IKafkaMessage?>(new ListGroupsResponse());
}
