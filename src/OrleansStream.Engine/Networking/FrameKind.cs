namespace OrleansStream.Engine.Networking;

/// <summary>The first byte of a frame. The numbers are on the wire and never change.</summary>
internal enum FrameKind : byte
{
    /// <summary>The first frame of whoever connects: magic, version, cluster, who.</summary>
    Hello = 1,

    /// <summary>The answer: who, and which grains there are.</summary>
    Welcome = 2,

    /// <summary>The other answer: why not. The connection is closed after it.</summary>
    Refused = 3,

    /// <summary>A call.</summary>
    Request = 4,

    /// <summary>A call's answer.</summary>
    Response = 5,

    /// <summary>The caller of a call has given up.</summary>
    Cancel = 6,

    /// <summary>Asks for <see cref="Pong"/>.</summary>
    Ping = 7,

    /// <summary>The answer, with the same number.</summary>
    Pong = 8,

    /// <summary>A gateway shuts down: send new calls elsewhere.</summary>
    Goodbye = 9,

    /// <summary>A request of one silo's runtime to another's: membership.</summary>
    SystemRequest = 10,
}
