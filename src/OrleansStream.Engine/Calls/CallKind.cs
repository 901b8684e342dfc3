namespace OrleansStream.Engine.Calls;

/// <summary>What a request asks of an activation.</summary>
internal enum CallKind : byte
{
    /// <summary>A method.</summary>
    Method = 0,

    /// <summary>To start a method that returns a stream, and its first batch.</summary>
    StreamStart = 1,

    /// <summary>The next batch of a stream.</summary>
    StreamNext = 2,

    /// <summary>To end a stream.</summary>
    StreamDispose = 3,
}
