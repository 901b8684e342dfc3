using Microsoft.Extensions.Logging;
using OrleansStream.Metadata;
using OrleansStream.ZooKeeper.Connection;
using OrleansStream.ZooKeeper.Wire;

namespace OrleansStream.ZooKeeper;

/// <content>What comes from the server, frame by frame in order.</content>
public sealed partial class ZooKeeperClient
{
    private async Task ReceiveAsync(ServerConnection connection, CancellationToken cancellationToken)
    {
        while (await connection.ReadFrameAsync(cancellationToken) is { } frame)
        {
            Volatile.Write(ref _lastReceived, _time.GetTimestamp());
            Handle(frame);
        }

        throw new ZooKeeperConnectionLossException("the server closed the connection", isOutcomeUnknown: true);
    }

    private void Handle(byte[] frame)
    {
        var reader = new JuteReader(frame);
        var xid = reader.ReadInt();
        var zxid = reader.ReadLong();
        var error = (ZooKeeperError)reader.ReadInt();
        var body = frame.AsSpan(frame.Length - reader.Remaining);
        switch (xid)
        {
            case Xid.Ping or Xid.SetWatches:
                break;
            case Xid.Auth:
                OnAuth(error);
                break;
            case Xid.Notification:
                OnNotification(body);
                break;
            default:
                OnAnswer(xid, zxid, error, body);
                break;
        }
    }

    private void OnAnswer(int xid, long zxid, ZooKeeperError error, ReadOnlySpan<byte> body)
    {
        var request = _requests.TakeAnswered(xid);
        if (zxid > 0)
        {
            // Only answers move it: the watches of changes up to here have been called.
            _lastZxid = zxid;
        }

        switch (error)
        {
            case ZooKeeperError.SessionExpired:
                request.Fail(new ZooKeeperSessionExpiredException(SessionId));
                throw new ZooKeeperSessionExpiredException(SessionId);
            case ZooKeeperError.SessionMoved:
                request.Fail(new ZooKeeperConnectionLossException("The session has been taken over on another server.", isOutcomeUnknown: false));
                return;
            default:
                try
                {
                    request.Complete(error, zxid, body, _watches);
                }
                catch (ZooKeeperProtocolException e)
                {
                    request.Fail(e);
                    throw;
                }

                return;
        }
    }

    private void OnNotification(ReadOnlySpan<byte> body)
    {
        var reader = new JuteReader(body);
        var type = (WatchEventType)reader.ReadInt();
        reader.ReadInt();
        var watchEvent = new WatchEvent(type, ClientPath(reader.ReadString()));
        if (type is not (WatchEventType.NodeCreated or WatchEventType.NodeDeleted or WatchEventType.NodeDataChanged or WatchEventType.NodeChildrenChanged))
        {
            return;
        }

        foreach (var watch in _watches.Take(watchEvent))
        {
            Call(watch, watchEvent);
        }
    }

    private void OnAuth(ZooKeeperError error)
    {
        if (error != ZooKeeperError.Ok)
        {
            throw new ZooKeeperAuthFailedException($"{_options.ConnectString} refuses the credentials of session 0x{SessionId:x}: {error}.");
        }

        // Those of the greeting were sent first.
        if (_handshakeAuths > 0)
        {
            _handshakeAuths--;
        }
        else
        {
            _requests.TakeAnsweredAuth()?.Complete(error, 0, [], _watches);
        }
    }

    private void Call(Action<WatchEvent> watch, WatchEvent watchEvent)
    {
        try
        {
            watch(watchEvent);
        }
        catch (Exception e)
        {
            // A watch must not throw; the others are called all the same.
            LogCallbackFailed(_logger, e, $"watch {watchEvent}");
        }
    }

    [LoggerMessage(1, LogLevel.Information, "ZooKeeper session 0x{SessionId:x} is on {Server}, with a time-out of {TimeoutMs} ms")]
    private static partial void LogConnected(ILogger logger, long sessionId, string server, double timeoutMs);

    [LoggerMessage(2, LogLevel.Warning, "ZooKeeper session 0x{SessionId:x} has no connection to {Server}: {Problem}")]
    private static partial void LogDisconnected(ILogger logger, long sessionId, string server, string problem);

    [LoggerMessage(3, LogLevel.Warning, "ZooKeeper session 0x{SessionId:x} has expired")]
    private static partial void LogExpired(ILogger logger, long sessionId);

    [LoggerMessage(4, LogLevel.Error, "ZooKeeper session 0x{SessionId:x} ends: {Problem}")]
    private static partial void LogAuthFailed(ILogger logger, long sessionId, string problem);

    [LoggerMessage(5, LogLevel.Error, "A callback for {What} has failed")]
    private static partial void LogCallbackFailed(ILogger logger, Exception exception, string what);

    [LoggerMessage(6, LogLevel.Critical, "The loop of ZooKeeper session 0x{SessionId:x} has failed")]
    private static partial void LogLoopFailed(ILogger logger, Exception exception, long sessionId);

    [LoggerMessage(7, LogLevel.Warning, "ZooKeeper session 0x{SessionId:x} could not be closed and is left to expire: {Problem}")]
    private static partial void LogCloseFailed(ILogger logger, long sessionId, string problem);
}
