namespace OrleansStream.Client;

/// <summary>What the codes of group calls mean to a member.</summary>
internal static class GroupErrors
{
    /// <summary>Whether the member's session is gone, so that its partitions may belong to another one already.</summary>
    public static bool IsLost(this ErrorCode error)
        => error is ErrorCode.UnknownMemberId or ErrorCode.IllegalGeneration;

    /// <summary>What to tell the application about a failure that trying again does not change.</summary>
    public static string Explain(this ErrorCode error, ConsumerOptions options) => error switch
    {
        ErrorCode.FencedInstanceId =>
            $"Another consumer of group '{options.GroupId}' uses the group.instance.id '{options.GroupInstanceId}'; each needs its own.",
        ErrorCode.InconsistentGroupProtocol =>
            $"The members of group '{options.GroupId}' have no assignor in common with this consumer's ({string.Join(", ", options.Assignors.Select(assignor => assignor.Name))}).",
        ErrorCode.InvalidSessionTimeout =>
            $"The session time-out of {options.SessionTimeout} is outside what the brokers allow (group.min.session.timeout.ms to group.max.session.timeout.ms).",
        ErrorCode.GroupMaxSizeReached => $"Group '{options.GroupId}' is full (group.max.size).",
        ErrorCode.InvalidGroupId => $"'{options.GroupId}' is not a valid group id.",
        _ => $"Group '{options.GroupId}': {error.WireName()}.",
    };
}
