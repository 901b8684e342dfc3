using OrleansStream.Abstractions;

namespace OrleansStream.Gateway.Fuzz;

/// <summary>A group coordinator that takes everything.</summary>
internal sealed class AnsweringGroupCoordinator : IGroupCoordinatorGrain
{
    public Task OnLeadershipChangedAsync() => Task.CompletedTask;

    public Task<JoinGroupResponse> JoinGroupAsync(JoinGroupRequest request, CancellationToken cancellationToken)
        => Task.FromResult(new JoinGroupResponse(
            ErrorCode.None,
            IsPending: false,
            1,
            request.ProtocolType,
            request.Protocols.FirstOrDefault()?.Name,
            request.MemberId,
            SkipAssignment: false,
            request.MemberId,
            Array.ConvertAll(request.Protocols, protocol => new JoinedMember(request.MemberId, request.GroupInstanceId, protocol.Metadata))));

    public Task<SyncGroupResponse> SyncGroupAsync(SyncGroupRequest request, CancellationToken cancellationToken)
        => Task.FromResult(new SyncGroupResponse(
            ErrorCode.None, IsPending: false, request.ProtocolType, request.ProtocolName, request.Assignments.FirstOrDefault()?.Assignment ?? default));

    public Task<ErrorCode> HeartbeatAsync(GroupHeartbeatRequest request, CancellationToken cancellationToken) => Task.FromResult(ErrorCode.None);

    public Task<LeaveGroupResponse> LeaveGroupAsync(LeaveGroupRequest request, CancellationToken cancellationToken)
        => Task.FromResult(new LeaveGroupResponse(ErrorCode.None, new ErrorCode[request.Members.Length]));

    public Task<OffsetCommitResponse> CommitOffsetsAsync(OffsetCommitRequest request, CancellationToken cancellationToken)
        => Task.FromResult(new OffsetCommitResponse(ErrorCode.None, Array.ConvertAll(request.Topics, topic => new ErrorCode[topic.Partitions.Length])));

    public Task<OffsetFetchResponse> FetchOffsetsAsync(OffsetFetchRequest request, CancellationToken cancellationToken)
        => Task.FromResult(new OffsetFetchResponse(
            ErrorCode.None,
            Array.ConvertAll(request.Topics ?? [], topic => new OffsetFetchTopic(
                topic.Topic, Array.ConvertAll(topic.Partitions, partition => new FetchedOffset(partition, ErrorCode.None, 1, 2, "note"))))));

    public Task<OffsetDeleteResponse> DeleteOffsetsAsync(OffsetDeleteRequest request, CancellationToken cancellationToken)
        => Task.FromResult(new OffsetDeleteResponse(ErrorCode.None, Array.ConvertAll(request.Topics, topic => new ErrorCode[topic.Partitions.Length])));

    public Task<GroupDescription[]> DescribeGroupsAsync(string[] groupIds, CancellationToken cancellationToken)
        => Task.FromResult(Array.ConvertAll(groupIds, group => new GroupDescription(
            ErrorCode.None, null, group, "Stable", "consumer", "range", 1, [new GroupMemberDescription("member", null, "client", "/host", default, default)])));

    public Task<ConsumerGroupDescription[]> DescribeConsumerGroupsAsync(string[] groupIds, CancellationToken cancellationToken)
        => Task.FromResult(Array.ConvertAll(groupIds, group => new ConsumerGroupDescription(ErrorCode.None, null, group, "Stable", 1, 1, "uniform", [])));

    public Task<ListGroupsResponse> ListGroupsAsync(ListGroupsRequest request, CancellationToken cancellationToken)
        => Task.FromResult(new ListGroupsResponse(ErrorCode.None, [new GroupListing("group", "consumer", "Stable", "classic")]));

    public Task<ErrorCode[]> DeleteGroupsAsync(string[] groupIds, CancellationToken cancellationToken) => Task.FromResult(new ErrorCode[groupIds.Length]);

    public Task<ConsumerGroupHeartbeatResponse> ConsumerGroupHeartbeatAsync(ConsumerGroupHeartbeatRequest request, CancellationToken cancellationToken)
        => Task.FromResult(new ConsumerGroupHeartbeatResponse(ErrorCode.None, null, request.MemberId, 1, 5000, request.TopicPartitions));
}
