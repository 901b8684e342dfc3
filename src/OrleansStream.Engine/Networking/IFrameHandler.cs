namespace OrleansStream.Engine.Networking;

/// <summary>Gets what arrives on a connection, frame by frame, on the connection's receive loop: it must not block.</summary>
internal interface IFrameHandler
{
    /// <summary>A frame, in an array of its own, without the length.</summary>
    /// <exception cref="Exception">Closes the connection.</exception>
    void OnFrame(FrameConnection connection, byte[] frame);

    /// <summary>The connection is closed; nothing arrives after this. Called once.</summary>
    void OnClosed(FrameConnection connection, Exception? error);
}
