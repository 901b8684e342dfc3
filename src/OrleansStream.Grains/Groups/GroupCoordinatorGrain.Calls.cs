using OrleansStream.Abstractions;
using OrleansStream.Core.Groups;
using Kafka = OrleansStream.Protocol.Kafka;

namespace OrleansStream.Grains.Groups;

/// <content>The contract: each call becomes a command of the machine.</content>
internal sealed partial class GroupCoordinatorGrain
{
    public async Task<JoinGroupResponse> JoinGroupAsync(JoinGroupRequest request, CancellationToken cancellationToken)
    {
        var context = new JoinContext(
            request.ClientId, request.ClientHost, Guid.NewGuid(), request.RequiresKnownMemberId, request.SupportsSkippingAssignment);
        var outcome = await _waits.WaitAsync(
            request.RequestId,
            () => RunAsync((machine, ticket, now) => machine.Join(ticket, GroupMessages.ToKafka(request), context, now), CancellationToken.None),
            GroupCoordinatorCalls.MaxWait,
            cancellationToken);
        return outcome is null ? GroupMessages.PendingJoin
            : outcome.Value.Response is Kafka.JoinGroupResponse response ? GroupMessages.FromKafka(response)
            : GroupMessages.FailedJoin(request.MemberId, outcome.Value.Error);
    }

    public async Task<SyncGroupResponse> SyncGroupAsync(SyncGroupRequest request, CancellationToken cancellationToken)
    {
        var outcome = await _waits.WaitAsync(
            request.RequestId,
            () => RunAsync((machine, ticket, now) => machine.Sync(ticket, GroupMessages.ToKafka(request), now), CancellationToken.None),
            GroupCoordinatorCalls.MaxWait,
            cancellationToken);
        return outcome is null ? new SyncGroupResponse(ErrorCode.None, IsPending: true, null, null, default)
            : outcome.Value.Response is Kafka.SyncGroupResponse response
                ? new SyncGroupResponse(response.ErrorCode, IsPending: false, response.ProtocolType, response.ProtocolName, response.Assignment)
                : new SyncGroupResponse(outcome.Value.Error, IsPending: false, null, null, default);
    }

    public async Task<ErrorCode> HeartbeatAsync(GroupHeartbeatRequest request, CancellationToken cancellationToken)
    {
        var message = new Kafka.HeartbeatRequest
        {
            GroupId = request.GroupId,
            GenerationId = request.GenerationId,
            MemberId = request.MemberId,
            GroupInstanceId = request.GroupInstanceId,
        };
        var outcome = await RunAsync((machine, ticket, now) => machine.Heartbeat(ticket, message, now), cancellationToken);

        // While the group loads nobody's session is watched, so every member is well.
        return outcome.Response is Kafka.HeartbeatResponse response ? response.ErrorCode
            : outcome.Error == ErrorCode.CoordinatorLoadInProgress ? ErrorCode.None
            : outcome.Error;
    }

    public async Task<LeaveGroupResponse> LeaveGroupAsync(LeaveGroupRequest request, CancellationToken cancellationToken)
    {
        var message = new Kafka.LeaveGroupRequest { GroupId = request.GroupId };
        message.Members.AddRange(request.Members.Select(member => new Kafka.LeaveGroupRequest.MemberIdentity
        {
            MemberId = member.MemberId,
            GroupInstanceId = member.GroupInstanceId,
            Reason = member.Reason,
        }));
        var outcome = await RunAsync((machine, ticket, now) => machine.Leave(ticket, message, now), cancellationToken);
        return outcome.Response is Kafka.LeaveGroupResponse response
            ? new LeaveGroupResponse(response.ErrorCode, [.. response.Members.Select(member => member.ErrorCode)])
            : new LeaveGroupResponse(outcome.Error, []);
    }

    public async Task<OffsetCommitResponse> CommitOffsetsAsync(OffsetCommitRequest request, CancellationToken cancellationToken)
    {
        if (!_services.Broker.WhenServing.IsCompletedSuccessfully)
        {
            // It may lead the groups' partition before it has heard what topics there are; none would be known.
            return new OffsetCommitResponse(ErrorCode.CoordinatorLoadInProgress, []);
        }

        var topics = _services.Metadata.Current.Topics;
        var message = GroupMessages.ToKafka(request, topics.ContainsKey);
        var error = ErrorCode.None;
        var outcome = await RunAsync((machine, ticket, now) => machine.CommitOffsets(ticket, message, now, out error), cancellationToken);
        return error != ErrorCode.None || outcome.Response is not Kafka.OffsetCommitResponse response
            ? new OffsetCommitResponse(error != ErrorCode.None ? error : outcome.Error, [])
            : GroupMessages.FromKafka(response, request);
    }

    public async Task<OffsetFetchResponse> FetchOffsetsAsync(OffsetFetchRequest request, CancellationToken cancellationToken)
    {
        var message = GroupMessages.ToKafka(request);
        var outcome = await RunAsync((machine, ticket, now) => machine.FetchOffsets(ticket, message), cancellationToken);
        return outcome.Response is Kafka.OffsetFetchResponse { Groups: [var group] }
            ? GroupMessages.FromKafka(group)
            : new OffsetFetchResponse(outcome.Error, []);
    }

    public async Task<OffsetDeleteResponse> DeleteOffsetsAsync(OffsetDeleteRequest request, CancellationToken cancellationToken)
    {
        var message = GroupMessages.ToKafka(request);
        var outcome = await RunAsync((machine, ticket, now) => machine.DeleteOffsets(ticket, message), cancellationToken);
        return outcome.Response is Kafka.OffsetDeleteResponse response
            ? new OffsetDeleteResponse(
                response.ErrorCode, [.. response.Topics.Select(topic => topic.Partitions.Select(partition => partition.ErrorCode).ToArray())])
            : new OffsetDeleteResponse(outcome.Error, []);
    }

    public async Task<GroupDescription[]> DescribeGroupsAsync(string[] groupIds, CancellationToken cancellationToken)
    {
        var outcome = await RunAsync((machine, ticket, now) => machine.Describe(ticket, groupIds), cancellationToken);
        return outcome.Response is Kafka.DescribeGroupsResponse response
            ? [.. response.Groups.Select(GroupMessages.FromKafka)]
            : Array.ConvertAll(groupIds, groupId => new GroupDescription(
                outcome.Error, null, groupId, string.Empty, string.Empty, string.Empty, -1, []));
    }

    public async Task<ConsumerGroupDescription[]> DescribeConsumerGroupsAsync(string[] groupIds, CancellationToken cancellationToken)
    {
        var outcome = await RunAsync((machine, ticket, now) => machine.DescribeConsumers(ticket, groupIds), cancellationToken);
        return outcome.Response is Kafka.ConsumerGroupDescribeResponse response
            ? [.. response.Groups.Select(GroupMessages.FromKafka)]
            : Array.ConvertAll(groupIds, groupId => new ConsumerGroupDescription(outcome.Error, null, groupId, string.Empty, 0, 0, string.Empty, []));
    }

    public async Task<ListGroupsResponse> ListGroupsAsync(ListGroupsRequest request, CancellationToken cancellationToken)
    {
        var outcome = await RunAsync((machine, ticket, now) => machine.List(ticket, request.States, request.Types), cancellationToken);
        return outcome.Response is Kafka.ListGroupsResponse response
            ? new ListGroupsResponse(
                response.ErrorCode,
                [.. response.Groups.Select(group => new GroupListing(group.GroupId, group.ProtocolType, group.GroupState, group.GroupType))])
            : new ListGroupsResponse(outcome.Error, []);
    }

    public async Task<ErrorCode[]> DeleteGroupsAsync(string[] groupIds, CancellationToken cancellationToken)
    {
        var outcome = await RunAsync((machine, ticket, now) => machine.Delete(ticket, groupIds), cancellationToken);
        return outcome.Response is Kafka.DeleteGroupsResponse response
            ? [.. response.Results.Select(result => result.ErrorCode)]
            : Array.ConvertAll(groupIds, _ => outcome.Error);
    }

    public async Task<ConsumerGroupHeartbeatResponse> ConsumerGroupHeartbeatAsync(ConsumerGroupHeartbeatRequest request, CancellationToken cancellationToken)
    {
        var message = GroupMessages.ToKafka(request);
        var context = new JoinContext(request.ClientId, request.ClientHost, Guid.NewGuid());
        var outcome = await RunAsync((machine, ticket, now) => machine.ConsumerHeartbeat(ticket, message, context, now), cancellationToken);
        return outcome.Response is Kafka.ConsumerGroupHeartbeatResponse response
            ? GroupMessages.FromKafka(response)
            : new ConsumerGroupHeartbeatResponse(outcome.Error, null, null, 0, 0, null);
    }
}
