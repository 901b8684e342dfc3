using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>Joins a group of the classic protocol.</summary>
/// <param name="RequestId">Made by the caller for this join; a repetition with the same id finds the wait of the first call.</param>
/// <param name="GroupId">The group.</param>
/// <param name="MemberId">The member's id; empty for one that has none yet.</param>
/// <param name="GroupInstanceId">The id of a static member (KIP-345), else null.</param>
/// <param name="ClientId">The client's name for itself.</param>
/// <param name="ClientHost">Where the client is, for people to read.</param>
/// <param name="SessionTimeoutMs">How long the member lives without a heartbeat.</param>
/// <param name="RebalanceTimeoutMs">How long the member may take to join again; -1 for the session timeout.</param>
/// <param name="ProtocolType">The kind of group: <c>consumer</c> for consumers.</param>
/// <param name="Protocols">The protocols (assignors) that the member can follow, preferred one first.</param>
/// <param name="RequiresKnownMemberId">Whether a new dynamic member is to be told its id first, with <see cref="ErrorCode.MemberIdRequired"/> (KIP-394).</param>
/// <param name="SupportsSkippingAssignment">Whether the member understands <see cref="JoinGroupResponse.SkipAssignment"/> (KIP-814).</param>
/// <param name="Reason">Why the member joins, for logs.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.JoinGroupRequest")]
public sealed record JoinGroupRequest(
    [property: Id(0)] Guid RequestId,
    [property: Id(1)] string GroupId,
    [property: Id(2)] string MemberId,
    [property: Id(3)] string? GroupInstanceId,
    [property: Id(4)] string ClientId,
    [property: Id(5)] string ClientHost,
    [property: Id(6)] int SessionTimeoutMs,
    [property: Id(7)] int RebalanceTimeoutMs,
    [property: Id(8)] string ProtocolType,
    [property: Id(9)] GroupProtocol[] Protocols,
    [property: Id(10)] bool RequiresKnownMemberId,
    [property: Id(11)] bool SupportsSkippingAssignment,
    [property: Id(12)] string? Reason);

/// <summary>A protocol that a member can follow.</summary>
/// <param name="Name">Its name, e.g. that of an assignor.</param>
/// <param name="Metadata">What the leader needs of the member, e.g. its subscription.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.GroupProtocol")]
public sealed record GroupProtocol(
    [property: Id(0)] string Name,
    [property: Id(1)] ReadOnlyMemory<byte> Metadata);
