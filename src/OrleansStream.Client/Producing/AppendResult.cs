namespace OrleansStream.Client;

/// <summary>What became of an attempt to buffer a record.</summary>
internal enum AppendResult : byte
{
    /// <summary>It is in a batch.</summary>
    Appended,

    /// <summary>The buffer is full.</summary>
    NoRoom,

    /// <summary>The producer is closed.</summary>
    Closed,
}
