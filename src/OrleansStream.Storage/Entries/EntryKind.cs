namespace OrleansStream.Storage.Entries;

/// <summary>What an entry of the log file holds. The numbers are on disk: they never change.</summary>
internal enum EntryKind : byte
{
    /// <summary>The first piece of a record batch, or all of it.</summary>
    Batch = 1,

    /// <summary>A further piece of the batch before it.</summary>
    Continuation = 2,

    /// <summary>Moves the log start offset (<see cref="HeadTruncation"/>).</summary>
    HeadTruncation = 3,

    /// <summary>Voids what was appended from an offset on (<see cref="TailTruncation"/>).</summary>
    TailTruncation = 4,
}
