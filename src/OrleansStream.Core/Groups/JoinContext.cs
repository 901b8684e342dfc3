namespace OrleansStream.Core.Groups;

/// <summary>Who joins a group, and what the shell brings for it.</summary>
/// <param name="ClientId">The client's name for itself.</param>
/// <param name="ClientHost">Where the client is.</param>
/// <param name="NewId">Made by the shell; becomes part of the member id if the member needs one.</param>
/// <param name="RequiresKnownMemberId">Whether a new dynamic member is told its id first (KIP-394).</param>
/// <param name="SupportsSkippingAssignment">Whether the member understands that it is leader but need not assign (KIP-814).</param>
public sealed record JoinContext(
    string ClientId, string ClientHost, Guid NewId, bool RequiresKnownMemberId = true, bool SupportsSkippingAssignment = true);
