using OrleansStream.Gateway.Requests;
using OrleansStream.Protocol.Kafka;

namespace OrleansStream.Gateway.Handlers;

/// <summary>DescribeGroups, 0 to 5: there are no groups, and a group that there is not is described as Dead, as Kafka does.</summary>
internal sealed class DescribeGroupsHandler : KafkaHandler<DescribeGroupsRequest>
{
    private const string Dead = "Dead";

    /// <inheritdoc/>
    protected override ValueTask<IKafkaMessage?> HandleAsync(DescribeGroupsRequest request, RequestContext context)
    {
        var response = new DescribeGroupsResponse();
        response.Groups.AddRange(request.Groups.Select(group => new DescribeGroupsResponse.DescribedGroup { GroupId = group, GroupState = Dead }));
        return ValueTask.FromResult<IKafkaMessage?>(response);
    }
}
