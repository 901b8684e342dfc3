using Orleans;

namespace OrleansStream.Abstractions;

/// <summary>Keeps a member of the classic protocol alive.</summary>
/// <param name="GroupId">The group.</param>
/// <param name="GenerationId">The generation that the member is in.</param>
/// <param name="MemberId">The member.</param>
/// <param name="GroupInstanceId">The id of a static member, else null.</param>
[GenerateSerializer, Immutable, Alias("OrleansStream.GroupHeartbeatRequest")]
public sealed record GroupHeartbeatRequest(
    [property: Id(0)] string GroupId,
    [property: Id(1)] int GenerationId,
    [property: Id(2)] string MemberId,
    [property: Id(3)] string? GroupInstanceId);
