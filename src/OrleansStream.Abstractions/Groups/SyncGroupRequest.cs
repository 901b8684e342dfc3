using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>Brings the leader's assignment, and asks for the member's own.</summary>
/// <param name="RequestId">Made by the caller for this sync; a repetition with the same id finds the wait of the first call.</param>
/// <param name="GroupId">The group.</param>
/// <param name="GenerationId">The generation that the member joined.</param>
/// <param name="MemberId">The member.</param>
/// <param name="GroupInstanceId">The id of a static member, else null.</param>
/// <param name="ProtocolType">The kind of group; null skips the check.</param>
/// <param name="ProtocolName">The protocol; null skips the check.</param>
/// <param name="Assignments">From the leader, what each member gets; empty from others.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.SyncGroupRequest")]
public sealed record SyncGroupRequest(
    [property: Id(0)] Guid RequestId,
    [property: Id(1)] string GroupId,
    [property: Id(2)] int GenerationId,
    [property: Id(3)] string MemberId,
    [property: Id(4)] string? GroupInstanceId,
    [property: Id(5)] string? ProtocolType,
    [property: Id(6)] string? ProtocolName,
    [property: Id(7)] MemberAssignment[] Assignments);

/// <summary>What one member gets.</summary>
/// <param name="MemberId">The member.</param>
/// <param name="Assignment">The assignment, as the protocol has it.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.MemberAssignment")]
public sealed record MemberAssignment(
    [property: Id(0)] string MemberId,
    [property: Id(1)] ReadOnlyMemory<byte> Assignment);

/// <summary>The outcome of a sync.</summary>
/// <param name="Error">The outcome.</param>
/// <param name="IsPending">The leader's assignment has not come yet: call again with the same request.</param>
/// <param name="ProtocolType">The kind of group; null on an error.</param>
/// <param name="ProtocolName">The protocol; null on an error.</param>
/// <param name="Assignment">The member's assignment.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.SyncGroupResponse")]
public sealed record SyncGroupResponse(
    [property: Id(0)] ErrorCode Error,
    [property: Id(1)] bool IsPending,
    [property: Id(2)] string? ProtocolType,
    [property: Id(3)] string? ProtocolName,
    [property: Id(4)] ReadOnlyMemory<byte> Assignment);
