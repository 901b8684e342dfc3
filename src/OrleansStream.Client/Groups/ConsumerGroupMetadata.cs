namespace OrleansStream.Client;

/// <summary>Who a consumer is in its group.</summary>
/// <param name="GroupId">The group.</param>
/// <param name="GenerationId">The generation, or with <see cref="GroupProtocol.Consumer"/> the member epoch; -1 when it is not a member.</param>
/// <param name="MemberId">The member's id; empty when it is not a member.</param>
/// <param name="GroupInstanceId">Its id as a static member, else null.</param>
public sealed record ConsumerGroupMetadata(string GroupId, int GenerationId, string MemberId, string? GroupInstanceId);
