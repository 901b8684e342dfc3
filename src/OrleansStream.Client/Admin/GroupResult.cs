namespace OrleansStream.Client;

/// <summary>The outcome of an operation on a group.</summary>
/// <param name="GroupId">The group.</param>
/// <param name="Error">None, or why it was refused.</param>
public sealed record GroupResult(string GroupId, ErrorCode Error);
