using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using OrleansStream.Metadata;
using OrleansStream.ZooKeeper.Connection;
using OrleansStream.ZooKeeper.Requests;
using OrleansStream.ZooKeeper.Session;
using OrleansStream.ZooKeeper.Wire;

namespace OrleansStream.ZooKeeper;

/// <summary>One session with an Apache ZooKeeper ensemble (3.5 or later).</summary>
/// <remarks>
/// <para><b>Order.</b> Requests are sent in the order of the calls and answered in that order. A watch is called before any
/// answer of this session that could show its change.</para>
/// <para><b>Connection loss.</b> The client goes to another server by itself and takes its session, its watches and its credentials along.
/// Writes that were under way fail with <see cref="ZooKeeperConnectionLossException"/> and may have taken effect; reads, and what was
/// not sent yet, are sent on the next connection, and fail only when there is none for <see cref="ZooKeeperOptions.RequestWait"/>.</para>
/// <para><b>Session expiry.</b> Only a server can say that a session has expired; until one does, a client without connection stays
/// <see cref="ZooKeeperState.Connecting"/>. Afterwards every request fails with <see cref="ZooKeeperSessionExpiredException"/>, and a new
/// client is made.</para>
/// <para><b>Outcomes.</b> What the tree says is a <see cref="ZooKeeperError"/> in the result; a path that can never be right
/// is an <see cref="ArgumentException"/>; everything else is a <see cref="ZooKeeperException"/>.</para>
/// <para><b>Watches</b> are called once, on the client's own loop: they must be short, must not wait for the client and must not throw.
/// When the session ends, those that are still set are called with <see cref="WatchEventType.SessionEnded"/>.</para>
/// <para>All members may be called from any thread. A cancelled token ends the wait: a request that was sent may still take effect, one that waits for a connection is not sent any more.</para>
/// </remarks>
public sealed partial class ZooKeeperClient : IAsyncDisposable
{
    private static readonly TimeSpan MaxCloseWait = TimeSpan.FromSeconds(5);

    private readonly ZooKeeperOptions _options;
    private readonly string _chroot;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly RequestQueue _requests;
    private readonly WatchRegistry _watches = new();
    private readonly ServerRing _servers;
    private readonly CancellationTokenSource _stopped = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly TaskCompletionSource _firstConnected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<bool> _sendSignal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly Lock _authLock = new();
    private readonly List<AuthInfo> _auth;
    private readonly Task _loop;
    private volatile int _state;
    private long _sessionId;
    private int _isDisposed;

    private ZooKeeperClient(ZooKeeperOptions options, SessionCredentials? session = null)
    {
        _options = options;
        if (session is not null)
        {
            _sessionId = session.SessionId;
            _password = session.Password;
        }

        _chroot = options.ConnectString.Chroot;
        _logger = options.Logger;
        _time = options.Time;
        _requests = new RequestQueue(options.MaxRequests);
        _servers = new ServerRing(options.ConnectString.Servers);
        _auth = [.. options.Auth];
        SessionEnded = _ended.Token;
        NegotiatedTimeout = options.SessionTimeout;
        _lastReceived = _lastSent = _disconnectedSince = _time.GetTimestamp();
        _loop = Task.Run(RunAsync);
    }

    /// <summary>Raised on the client's loop after each change of <see cref="State"/>; must be short and must not throw.</summary>
    public event Action<ZooKeeperState>? StateChanged;

    /// <summary>Where the client stands.</summary>
    public ZooKeeperState State => (ZooKeeperState)_state;

    /// <summary>The session's id, the owner of its ephemeral nodes; 0 before the first connection.</summary>
    public long SessionId => Interlocked.Read(ref _sessionId);

    /// <summary>What another client can end the session with (<see cref="EndSessionAsync"/>).</summary>
    public SessionCredentials Credentials => new(SessionId, _password);

    /// <summary>Cancelled when the session has expired, was refused or was closed.</summary>
    public CancellationToken SessionEnded { get; }

    /// <summary>How long the servers keep the session without hearing of it.</summary>
    public TimeSpan NegotiatedTimeout { get; private set; }

    /// <summary>Starts a session.</summary>
    /// <exception cref="ZooKeeperConnectionLossException">No server took it within <see cref="ZooKeeperOptions.ConnectionTimeout"/>.</exception>
    /// <exception cref="ZooKeeperAuthFailedException">The servers refuse the credentials.</exception>
    public static async Task<ZooKeeperClient> ConnectAsync(ZooKeeperOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.SessionTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.SessionTimeout, TimeSpan.FromMilliseconds(int.MaxValue));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxRequests, 1);
        return await ConnectAsync(new ZooKeeperClient(options), options, cancellationToken);
    }

    /// <summary>Ends a session that a process which is gone has left behind, with its ephemeral nodes.</summary>
    /// <returns>False when the servers do not know it any more.</returns>
    /// <exception cref="ZooKeeperConnectionLossException">No server was reached within <see cref="ZooKeeperOptions.ConnectionTimeout"/>.</exception>
    /// <exception cref="ZooKeeperAuthFailedException">The servers refuse the credentials.</exception>
    public static async Task<bool> EndSessionAsync(ZooKeeperOptions options, SessionCredentials session, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(session);
        try
        {
            await using var client = await ConnectAsync(new ZooKeeperClient(options, session), options, cancellationToken);
            return true;
        }
        catch (ZooKeeperSessionExpiredException)
        {
            return false;
        }
    }

    private static async Task<ZooKeeperClient> ConnectAsync(ZooKeeperClient client, ZooKeeperOptions options, CancellationToken cancellationToken)
    {
        try
        {
            await client._firstConnected.Task.WaitAsync(options.ConnectionTimeout, options.Time, cancellationToken);
            return client;
        }
        catch (TimeoutException)
        {
            var cause = client._lastFailure;
            await client.DisposeAsync();
            throw new ZooKeeperConnectionLossException(
                $"No server of {options.ConnectString} could be reached within {options.ConnectionTimeout.TotalSeconds:0.#} s{(cause is null ? string.Empty : $": {cause.Message}")}",
                isOutcomeUnknown: false,
                cause);
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    /// <summary>Closes the session: its ephemeral nodes are deleted. Without a connection it is left to expire.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            if (State == ZooKeeperState.Connected)
            {
                await CloseSessionAsync();
            }

            await _stopped.CancelAsync();
        }

        await _loop;
    }

    private async Task CloseSessionAsync()
    {
        var close = new PendingRequest<bool>(OpCode.CloseSession, ReadOnlyMemory<byte>.Empty, isRepeatable: false, static (_, _, ref _) => true);
        try
        {
            _requests.Add(close);
            Signal();
            await close.Task.WaitAsync(MaxCloseWait, _time);
        }
        catch (Exception e) when (e is ZooKeeperException or TimeoutException or ObjectDisposedException)
        {
            LogCloseFailed(_logger, SessionId, e.Message);
        }
    }

    private Task<T> SendAsync<T>(PendingRequest<T> request, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(cancellationToken);
        }

        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        if (request.Body.Length > _options.MaxRequestBytes - (2 * sizeof(int)))
        {
            throw new ArgumentException(
                $"The request takes {request.Body.Length + (2 * sizeof(int))} bytes; at most {_options.MaxRequestBytes} are allowed.", nameof(request));
        }

        try
        {
            _requests.Add(request);
        }
        catch (ZooKeeperException e)
        {
            return Task.FromException<T>(e);
        }

        Signal();
        return request.WaitAsync(cancellationToken);
    }

    private void Signal() => _sendSignal.Writer.TryWrite(true);

    private string ServerPath(string path)
    {
        NodePath.Validate(path);
        return Prefixed(path);
    }

    private string Prefixed(string path) => _chroot.Length == 0 ? path : path == "/" ? _chroot : _chroot + path;

    /// <summary>A path that a server named, without the chroot.</summary>
    private string ClientPath(string path)
        => _chroot.Length == 0 || !path.StartsWith(_chroot, StringComparison.Ordinal) ? path : path.Length == _chroot.Length ? "/" : path[_chroot.Length..];
}
