using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>The outcome of a join.</summary>
/// <param name="Error">The outcome.</param>
/// <param name="IsPending">The group is still forming and nothing else here counts: call again with the same request.</param>
/// <param name="GenerationId">The generation.</param>
/// <param name="ProtocolType">The kind of group; null on an error.</param>
/// <param name="ProtocolName">The protocol that the group follows; null on an error.</param>
/// <param name="Leader">The leader's member id.</param>
/// <param name="SkipAssignment">The leader need not assign: the group goes on with its assignment (KIP-814).</param>
/// <param name="MemberId">The member's id.</param>
/// <param name="Members">For the leader: all members. Empty for others.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.JoinGroupResponse")]
public sealed record JoinGroupResponse(
    [property: Id(0)] ErrorCode Error,
    [property: Id(1)] bool IsPending,
    [property: Id(2)] int GenerationId,
    [property: Id(3)] string? ProtocolType,
    [property: Id(4)] string? ProtocolName,
    [property: Id(5)] string Leader,
    [property: Id(6)] bool SkipAssignment,
    [property: Id(7)] string MemberId,
    [property: Id(8)] JoinedMember[] Members);

/// <summary>A member of the generation, for the leader.</summary>
/// <param name="MemberId">Its id.</param>
/// <param name="GroupInstanceId">Its id as a static member, else null.</param>
/// <param name="Metadata">What it said with the protocol that was chosen.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.JoinedMember")]
public sealed record JoinedMember(
    [property: Id(0)] string MemberId,
    [property: Id(1)] string? GroupInstanceId,
    [property: Id(2)] ReadOnlyMemory<byte> Metadata);
