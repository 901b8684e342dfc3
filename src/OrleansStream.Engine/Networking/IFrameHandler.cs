namespace OrleansStream.Engine.Networking;

/// <summary>
/// What is done with the frames of a connection. The calls come from the connection's read loop, in order and one at a time;
/// they must neither block nor run grain code, because nothing else is read from the connection meanwhile.
/// </summary>
internal interface IFrameHandler
{
    /// <summary>Null when more may be read; else reading stops until the task ends. Asked before each read.</summary>
    Task? WhenReadyForMore(FrameConnection connection);

    /// <summary>A frame came in. Its memory belongs to the frame alone, so slices of it may be kept. An exception closes the connection.</summary>
    void OnFrame(FrameConnection connection, ReadOnlyMemory<byte> frame);

    /// <summary>The connection has ended; called exactly once, after the last frame. Null means that it was closed in good order.</summary>
    void OnClosed(FrameConnection connection, Exception? error);
}
