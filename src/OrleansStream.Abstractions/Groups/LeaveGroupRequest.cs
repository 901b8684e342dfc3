using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>Takes members out of a group.</summary>
/// <param name="GroupId">The group.</param>
/// <param name="Members">The members.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.LeaveGroupRequest")]
public sealed record LeaveGroupRequest(
    [property: Id(0)] string GroupId,
    [property: Id(1)] LeavingMember[] Members);

/// <summary>A member that leaves.</summary>
/// <param name="MemberId">Its id; empty when an administrator removes a static member.</param>
/// <param name="GroupInstanceId">Its id as a static member, else null.</param>
/// <param name="Reason">Why, for logs.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.LeavingMember")]
public sealed record LeavingMember(
    [property: Id(0)] string MemberId,
    [property: Id(1)] string? GroupInstanceId,
    [property: Id(2)] string? Reason);

/// <summary>The outcome of a leave.</summary>
/// <param name="Error">The outcome as a whole.</param>
/// <param name="MemberErrors">The outcome for each member, in the order of the request; empty when the whole failed.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.LeaveGroupResponse")]
public sealed record LeaveGroupResponse(
    [property: Id(0)] ErrorCode Error,
    [property: Id(1)] ErrorCode[] MemberErrors);
