namespace OrleansStream.Engine.Messaging;

/// <summary>Waits for a response on a connection. Each of these may be called from any thread; the first one counts.</summary>
internal interface IPendingResponse
{
    /// <summary>The response, a whole frame of its own.</summary>
    void OnResponse(ReadOnlyMemory<byte> frame);

    /// <summary>The connection broke; whether the request was executed is not known.</summary>
    void OnBroken(Exception exception);

    /// <summary>Ends the wait when its time is over; whether it is.</summary>
    bool EndIfExpired(long timestamp);
}
