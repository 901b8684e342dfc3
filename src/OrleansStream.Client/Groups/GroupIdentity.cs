namespace OrleansStream.Client;

/// <summary>Who a member is. With no generation it is none, though it may have been given an id already.</summary>
/// <param name="MemberId">The member's id; empty for none.</param>
/// <param name="GenerationId">The generation, or the member epoch of the consumer protocol; -1 for none.</param>
internal sealed record GroupIdentity(string MemberId, int GenerationId)
{
    public static GroupIdentity None { get; } = new(string.Empty, -1);

    public bool IsMember => GenerationId >= 0;
}
