using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using OrleansStream.Metadata;
using OrleansStream.ZooKeeper.Connection;
using OrleansStream.ZooKeeper.Requests;
using OrleansStream.ZooKeeper.Session;
using OrleansStream.ZooKeeper.Wire;

namespace OrleansStream.ZooKeeper;

/// <content>The loop that keeps the session on a server; everything here runs on it or on the two halves of its connection.</content>
public sealed partial class ZooKeeperClient
{
    private static readonly TimeSpan MinHandshakeTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxHandshakeTimeout = TimeSpan.FromSeconds(3);

    private ReadOnlyMemory<byte> _password = new byte[16];
    private long _lastZxid;
    private long _lastReceived;
    private long _lastSent;
    private long _disconnectedSince;
    private volatile bool _isPingDue;
    private Exception? _lastFailure;
    private int _handshakeAuths;

    /// <summary>The session's password, with which another connection may take it over.</summary>
    internal ReadOnlyMemory<byte> Password => _password;

    /// <summary>
    /// A session that lives must have time for several servers, for one that is starting may take a connection and never answer. Where
    /// there is no session yet, each attempt makes one: a slow server is given time.
    /// </summary>
    private TimeSpan HandshakeTimeout
    {
        get
        {
            var share = SessionId == 0 ? MaxHandshakeTimeout : _options.SessionTimeout / (_servers.Count + 1);
            return TimeSpan.FromTicks(Math.Clamp(share.Ticks, MinHandshakeTimeout.Ticks, MaxHandshakeTimeout.Ticks));
        }
    }

    /// <summary>The servers of the connect string.</summary>
    internal ImmutableArray<DnsEndPoint> Servers => _options.ConnectString.Servers;

    private async Task RunAsync()
    {
        var end = ZooKeeperState.Closed;
        Exception reason = new ObjectDisposedException(nameof(ZooKeeperClient));
        try
        {
            while (!_stopped.IsCancellationRequested && _isDisposed == 0)
            {
                await RunOnceAsync();
            }
        }
        catch (OperationCanceledException) when (_stopped.IsCancellationRequested)
        {
            // Closed.
        }
        catch (ZooKeeperSessionExpiredException e)
        {
            LogExpired(_logger, SessionId);
            (end, reason) = (ZooKeeperState.Expired, e);
        }
        catch (ZooKeeperAuthFailedException e)
        {
            LogAuthFailed(_logger, SessionId, e.Message);
            (end, reason) = (ZooKeeperState.AuthFailed, e);
        }
        catch (Exception e)
        {
            // A bug; nobody may be left waiting for it.
            LogLoopFailed(_logger, e, SessionId);
            reason = new ZooKeeperConnectionLossException($"The ZooKeeper client has failed: {e.Message}", isOutcomeUnknown: true, e);
        }

        End(end, reason);
    }

    /// <summary>Connects to the next server and stays there as long as the connection holds.</summary>
    private async Task RunOnceAsync()
    {
        var server = _servers.Next();
        try
        {
            await using var connection = await EstablishAsync(server);
            _servers.OnConnected();
            SetState(ZooKeeperState.Connected);
            LogConnected(_logger, SessionId, ConnectString.TextOf(server), NegotiatedTimeout.TotalMilliseconds);
            _firstConnected.TrySetResult();
            try
            {
                await ServeAsync(connection);
            }
            finally
            {
                _disconnectedSince = _time.GetTimestamp();
                SetState(ZooKeeperState.Connecting);
            }
        }
        catch (Exception e) when (e is ZooKeeperConnectionLossException or ZooKeeperProtocolException or SocketException or AuthenticationException
            || (e is IOException and not ZooKeeperException)
            || (e is OperationCanceledException && !_stopped.IsCancellationRequested))
        {
            await OnFailureAsync(ConnectString.TextOf(server), e);
        }
    }

    private async Task OnFailureAsync(string server, Exception failure)
    {
        _lastFailure = failure;
        if (_isDisposed == 0)
        {
            LogDisconnected(_logger, SessionId, server, failure.Message);
        }

        foreach (var request in _requests.OnConnectionLost())
        {
            request.Fail(new ZooKeeperConnectionLossException(
                $"The connection to {server} was lost before the answer; the request may have taken effect: {failure.Message}", isOutcomeUnknown: true, failure));
        }

        var elapsed = _time.GetElapsedTime(_disconnectedSince);
        if (elapsed >= _options.RequestWait)
        {
            foreach (var request in _requests.TakeWaiting())
            {
                request.Fail(new ZooKeeperConnectionLossException(
                    $"There has been no connection to {_options.ConnectString} for {elapsed.TotalSeconds:0.#} s; the request was not sent: {failure.Message}",
                    isOutcomeUnknown: false,
                    failure));
            }
        }

        var pause = _servers.PauseAfterFailure();
        if (pause > TimeSpan.Zero)
        {
            await Task.Delay(pause, _time, _stopped.Token);
        }
    }

    /// <summary>Opens a connection and establishes the session on it.</summary>
    private async Task<ServerConnection> EstablishAsync(DnsEndPoint server)
    {
        using var timeout = new CancellationTokenSource(HandshakeTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _stopped.Token);
        ServerConnection? connection = null;
        try
        {
            connection = await ServerConnection.ConnectAsync(server, _options.Tls, _options.MaxResponseBytes, either.Token);
            connection.Write(RequestBodies.Connect(_lastZxid, (int)_options.SessionTimeout.TotalMilliseconds, SessionId, _password));
            await connection.FlushAsync(either.Token);
            var answer = await connection.ReadFrameAsync(either.Token)
                ?? throw new ZooKeeperConnectionLossException("the server closed the connection during the handshake", isOutcomeUnknown: false);
            TakeSession(answer);
            return connection;
        }
        catch (Exception e)
        {
            if (connection is not null)
            {
                await connection.DisposeAsync();
            }

            if (e is OperationCanceledException && !_stopped.IsCancellationRequested)
            {
                throw new ZooKeeperConnectionLossException("it did not take the session in time", isOutcomeUnknown: false, e);
            }

            throw;
        }
    }

    private void TakeSession(byte[] answer)
    {
        var reader = new JuteReader(answer);
        reader.ReadInt();
        var timeoutMs = reader.ReadInt();
        var sessionId = reader.ReadLong();
        if (timeoutMs <= 0)
        {
            throw new ZooKeeperSessionExpiredException(SessionId);
        }

        NegotiatedTimeout = TimeSpan.FromMilliseconds(timeoutMs);
        _password = reader.ReadBuffer().ToArray();
        Interlocked.Exchange(ref _sessionId, sessionId);
        _lastReceived = _lastSent = _time.GetTimestamp();
    }

    /// <summary>Sends and receives until either fails.</summary>
    private async Task ServeAsync(ServerConnection connection)
    {
        using var broken = CancellationTokenSource.CreateLinkedTokenSource(_stopped.Token);
        WriteGreeting(connection);
        Task[] halves = [ReceiveAsync(connection, broken.Token), TransmitAsync(connection, broken.Token), KeepAliveAsync(broken.Token)];
        var first = await Task.WhenAny(halves);
        await broken.CancelAsync();
        try
        {
            await Task.WhenAll(halves);
        }
        catch (Exception) when (!first.IsCompletedSuccessfully)
        {
            // The first failure is what counts; the others follow from it.
        }

        await first;
    }

    /// <summary>What each connection begins with: credentials, then the watches that were set on earlier ones.</summary>
    private void WriteGreeting(ServerConnection connection)
    {
        AuthInfo[] auths;
        lock (_authLock)
        {
            auths = [.. _auth];
        }

        _handshakeAuths = auths.Length;
        foreach (var auth in auths)
        {
            connection.Write(Xid.Auth, OpCode.Auth, RequestBodies.Auth(auth));
        }

        foreach (var batch in WatchBatches.Make(_watches, Prefixed))
        {
            connection.Write(Xid.SetWatches, OpCode.SetWatches, RequestBodies.SetWatches(_lastZxid, batch.Data, batch.Existence, batch.Children));
        }
    }

    private async Task TransmitAsync(ServerConnection connection, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_isPingDue)
            {
                _isPingDue = false;
                connection.Write(Xid.Ping, OpCode.Ping, ReadOnlyMemory<byte>.Empty);
            }

            while (_requests.TrySend(out var request))
            {
                if (connection.Write(request))
                {
                    await connection.FlushAsync(cancellationToken);
                }
            }

            await connection.FlushAsync(cancellationToken);
            Volatile.Write(ref _lastSent, _time.GetTimestamp());
            await _sendSignal.Reader.ReadAsync(cancellationToken);
        }
    }

    /// <summary>Pings when nothing else is sent for a third of the session's time-out, and gives up when nothing is heard for two thirds.</summary>
    private async Task KeepAliveAsync(CancellationToken cancellationToken)
    {
        var timeout = NegotiatedTimeout;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(Math.Max(1, timeout.TotalMilliseconds / 12)), _time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            var silence = _time.GetElapsedTime(Volatile.Read(ref _lastReceived));
            if (silence > timeout * 2 / 3)
            {
                throw new ZooKeeperConnectionLossException($"nothing was heard of the server for {silence.TotalMilliseconds:0} ms", isOutcomeUnknown: true);
            }

            if (_time.GetElapsedTime(Volatile.Read(ref _lastSent)) >= timeout / 3)
            {
                _isPingDue = true;
                Signal();
            }
        }
    }

    private void SetState(ZooKeeperState state)
    {
        if (Interlocked.Exchange(ref _state, (int)state) == (int)state)
        {
            return;
        }

        try
        {
            StateChanged?.Invoke(state);
        }
        catch (Exception e)
        {
            LogCallbackFailed(_logger, e, $"state {state}");
        }
    }

    /// <summary>Nothing follows: whoever waits is told.</summary>
    private void End(ZooKeeperState state, Exception reason)
    {
        // Whoever learns of the end by a failed request finds the token cancelled.
        _ = _ended.CancelAsync();
        foreach (var request in _requests.End(reason))
        {
            request.Fail(reason);
        }

        SetState(state);
        foreach (var (path, watch) in _watches.TakeAll())
        {
            Call(watch, new WatchEvent(WatchEventType.SessionEnded, path));
        }

        if (_firstConnected.TrySetException(reason))
        {
            // Observed here, for a client that nobody waits for any more.
            _ = _firstConnected.Task.Exception;
        }
    }
}
