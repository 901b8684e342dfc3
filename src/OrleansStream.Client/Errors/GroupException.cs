namespace OrleansStream.Client;

/// <summary>A consumer cannot be a member of its group, or its group refused something.</summary>
public class GroupException : OrleansStreamException
{
    /// <summary>A group refused something.</summary>
    public GroupException(ErrorCode error, string groupId, string message, Exception? innerException = null)
        : base(error, message, innerException) => GroupId = groupId;

    /// <summary>The group.</summary>
    public string GroupId { get; }
}
