using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>A group of the classic protocol.</summary>
/// <param name="Error">The outcome.</param>
/// <param name="ErrorMessage">What was wrong; null on success.</param>
/// <param name="GroupId">The group.</param>
/// <param name="State">Empty, PreparingRebalance, CompletingRebalance, Stable or Dead.</param>
/// <param name="ProtocolType">The kind of group, empty if it has none.</param>
/// <param name="ProtocolName">The protocol of a stable group, else empty.</param>
/// <param name="GenerationId">The generation; -1 if there is none.</param>
/// <param name="Members">The members.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.GroupDescription")]
public sealed record GroupDescription(
    [property: Id(0)] ErrorCode Error,
    [property: Id(1)] string? ErrorMessage,
    [property: Id(2)] string GroupId,
    [property: Id(3)] string State,
    [property: Id(4)] string ProtocolType,
    [property: Id(5)] string ProtocolName,
    [property: Id(6)] int GenerationId,
    [property: Id(7)] GroupMemberDescription[] Members);

/// <summary>A member of a group of the classic protocol.</summary>
/// <param name="MemberId">Its id.</param>
/// <param name="GroupInstanceId">Its id as a static member, else null.</param>
/// <param name="ClientId">The client's name for itself.</param>
/// <param name="ClientHost">Where the client is.</param>
/// <param name="Metadata">What it said with the group's protocol; empty unless the group is stable.</param>
/// <param name="Assignment">What it was assigned.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.GroupMemberDescription")]
public sealed record GroupMemberDescription(
    [property: Id(0)] string MemberId,
    [property: Id(1)] string? GroupInstanceId,
    [property: Id(2)] string ClientId,
    [property: Id(3)] string ClientHost,
    [property: Id(4)] ReadOnlyMemory<byte> Metadata,
    [property: Id(5)] ReadOnlyMemory<byte> Assignment);
