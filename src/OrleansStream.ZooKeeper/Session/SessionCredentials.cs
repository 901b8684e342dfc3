namespace OrleansStream.ZooKeeper;

/// <summary>What a session is known by: whoever has it may take the session over, or end it.</summary>
/// <param name="SessionId">The session.</param>
/// <param name="Password">Its password, made by the server that opened it.</param>
public sealed record SessionCredentials(long SessionId, ReadOnlyMemory<byte> Password);
